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
      let problem = calibrations.problem(on: try await BenchIdentity(supervisor.file))
      return try Response.json(CalibrationList(calibrations: page.of(try await all(), by: \.id), problem: problem))
    }
    group.get(":id") { _, context in try Response.json(await one(context)) }
    group.post(":id/restore") { _, context in
      _ = try await one(context)
      try calibrations.restore(context.parameters.require("id"))
      return try Response.json(await one(context))
    }
  }

  private func all() async throws -> [CalibrationSummary] {
    calibrations.summaries(on: try await BenchIdentity(supervisor.file))
  }

  private func one(_ context: BenchRequestContext) async throws -> CalibrationSummary {
    let id = try context.parameters.require("id")
    guard let found = try await all().first(where: { $0.id == id }) else {
      throw ServiceError(.calibrationUnknown, "there is no calibration \(id)")
    }
    return found
  }
}
