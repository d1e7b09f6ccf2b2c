import BenchAPI
import Hummingbird

/// `/v1/arrays`
struct ArrayRoutes {
  let shelf: ArrayShelf
  let limits: ServiceLimits
  let budget: BodyBudget

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get { _, _ in try Response.json(ArrayList(arrays: shelf.list())) }
    group.put(":name") { request, context in
      let bytes = try await request.bytes(limit: limits.arrayBytes, within: budget)
      return try Response.json(shelf.put(bytes, as: context.parameters.require("name")), status: .created)
    }
    group.get(":name") { _, context in
      try Response.file(shelf.bytes(of: context.parameters.require("name")), name: "array.npy")
    }
    group.delete(":name") { _, context in
      try shelf.remove(context.parameters.require("name"))
      return Response(status: .noContent)
    }
  }
}
