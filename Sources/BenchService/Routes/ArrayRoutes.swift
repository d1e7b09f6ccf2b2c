import Access
import BenchAPI
import Hummingbird
import Jobs
import ServiceCore

/// `/v1/arrays`
struct ArrayRoutes {
  let shelf: ArrayShelf
  let limits: ServiceLimits
  let budgets: Budgets

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get { _, _ in try Response.json(ArrayList(arrays: shelf.list())) }
    group.put(":name", use: put)
    group.get(":name") { request, context in
      let file = try shelf.file(of: context.parameters.require("name"))
      return FileDownload.response(file, name: "array.npy", to: request, context)
    }
    group.delete(":name") { _, context in
      try shelf.remove(context.parameters.require("name"))
      return Response(status: .noContent)
    }
  }

  @Sendable private func put(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let name = try context.parameters.require("name")
    let size = try request.announcedSize(limit: limits.arrayBytes, tooLarge: .arrayTooLarge) ?? limits.arrayBytes
    let share = try budgets.uploads.take(size, for: context.caller)
    defer { withExtendedLifetime(share) {} }
    let upload = try shelf.upload(as: name)
    try await request.pieces(limit: limits.arrayBytes, tooLarge: .arrayTooLarge, context) { piece in
      try piece.withUnsafeReadableBytes { try upload.write($0) }
    }
    return try Response.json(await DiskThreads.run { try shelf.put(upload, as: name) }, status: .created)
  }
}
