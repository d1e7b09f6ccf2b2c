import Access
import BenchAPI
import Hummingbird
import Jobs
import Lending
import Records
import ServiceCore

/// `/v1/calibrations`
struct CalibrationRoutes {
  let supervisor: BenchSupervisor
  let calibrations: CalibrationStore

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get { request, _ in
      let page = try ListPage(request)
      let problem = calibrations.problem(on: try await supervisor.identity)
      return try Response.json(CalibrationList(calibrations: page.of(try await all(), by: \.id), problem: problem))
    }
    group.get(":id") { _, context in try Response.json(await one(context)) }
    group.post(":id/restore") { _, context in
      let wanted = try await one(context)
      try calibrations.restore(wanted.id, on: await supervisor.identity)
      return try Response.json(await one(context))
    }
  }

  private func all() async throws -> [CalibrationSummary] {
    calibrations.summaries(
      on: try await supervisor.identity, setup: try CalibrationStore.setup(of: await supervisor.file))
  }

  private func one(_ context: BenchRequestContext) async throws -> CalibrationSummary {
    let id = try context.parameters.require("id")
    guard let found = try await all().first(where: { $0.id == id }) else {
      throw ServiceError(.calibrationUnknown, "there is no calibration \(id)")
    }
    return found
  }
}

extension BenchSupervisor {
  /// The bench that calibrations are looked for, with the devices that are open.
  fileprivate var identity: BenchIdentity {
    get async throws { try BenchIdentity(file, serials: await serials) }
  }
}
