import Access
import BenchAPI
import BenchFile
import Calibration
import Hummingbird
import Jobs
import Lending
import Records
import ServiceCore

/// `/v1/calibrations`
struct CalibrationRoutes {
  let supervisor: BenchSupervisor
  let calibrations: CalibrationStore
  let lease: BenchLease
  let limits: ServiceLimits
  /// Of the bodies of requests.
  let requests: ByteBudget
  let catalogue: JobCatalogue

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get { request, _ in
      let page = try ListPage(request)
      let problem = calibrations.problem(on: try await supervisor.identity)
      return try Response.json(CalibrationList(calibrations: page.of(try await all(), by: \.id), problem: problem))
    }
    group.get("plan") { request, _ in
      let plan = try calibrations.plan(
        catalogue.calibrating, on: await supervisor.file, serials: await supervisor.serials,
        again: names("again", in: request), without: names("without", in: request))
      return try Response.json(plan)
    }
    group.post { request, context in
      let bytes = try await request.bytes(limit: limits.jsonBytes, within: requests, context)
      let wanted = try await receive(bytes)
      return try Response.json(
        CalibrationList(calibrations: try await all().filter { wanted.contains($0.id) }, problem: nil))
    }
    group.get("export") { _, _ in
      let export = try await calibrations.export(await supervisor.file, equipment: await lease.equipment)
      return try Response.json(ExportedBench(text: export.text, unknown: export.unknown))
    }
    group.get(":id") { _, context in try Response.json(await one(context)) }
    group.post(":id/restore") { _, context in
      let wanted = try await one(context)
      try calibrations.restore(wanted.id, on: await supervisor.identity)
      return try Response.json(await one(context))
    }
  }

  /// The names in a parameter of the query, which commas separate.
  private func names(_ parameter: String, in request: Request) -> [String] {
    guard let text = request.uri.queryParameters[parameter[...]], !text.isEmpty else { return [] }
    return text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  /// Puts the calibrations of a bench file in force, and returns their names here.
  private func receive(_ bytes: [UInt8]) async throws -> [String] {
    let lines: [String]
    let received: [ExportedCalibration]
    do {
      lines = try BenchFile.calibrations(in: String(decoding: bytes, as: UTF8.self), path: "the file")
      received = try lines.map { try ExportedCalibration(line: $0) }
    } catch let error as DecodingError {
      throw ServiceError(.requestInvalid, "a line of the section `calibration` is none that odu wrote: \(error)")
    } catch {
      throw ServiceError(.requestInvalid, "\(error)")
    }
    guard !received.isEmpty else {
      throw ServiceError(.requestInvalid, "the file has no section `calibration`; odu-ctl cal export writes one")
    }
    return try calibrations.receive(received, on: await supervisor.file)
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
