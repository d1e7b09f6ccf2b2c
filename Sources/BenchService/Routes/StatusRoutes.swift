import Access
import BenchAPI
import BenchFile
import Foundation
import Hummingbird
import Jobs
import Lending
import ServiceCore
import Twin

/// `/healthz`, `/v1/status`, `/v1/devices`, `/v1/bench` and `/v1/simulated`
struct StatusRoutes {
  let supervisor: BenchSupervisor
  let queue: JobQueue
  let lease: BenchLease
  let live: LiveView
  let stateDirectory: String
  let storage: StateHealth
  let clock: ServiceClock
  let started: Double
  let requests: ByteBudget

  func add(to root: RouterGroup<BenchRequestContext>, _ group: RouterGroup<BenchRequestContext>) {
    root.get("healthz") { _, _ in try await health() }
    group.get("healthz") { _, _ in try await health() }
    group.get("status") { _, _ in try Response.json(await status()) }
    group.get("devices") { _, _ in
      try Response.json(DeviceList(devices: await lease.present()?.devices(live) ?? []))
    }
    group.get("bench") { _, _ in
      let file = await supervisor.file
      return try Response.json(BenchDocument(path: file.path, twin: file.twin, parameters: file.parameters.all))
    }
    group.get("simulated/truth") { _, _ in
      guard let truth = try await lease.present()?.truth else {
        throw ServiceError(.benchNotSimulated, "this bench is real, or missing; only a simulated one has a known truth")
      }
      return try Response.json(truth)
    }
    group.post("simulated/advance", use: advance)
  }

  /// Nanoseconds after which a simulated clock is not moved on, thirty years from its start.
  private static let latest: UInt64 = 1_000_000_000_000_000_000

  private func health() async throws -> Response {
    let state = await supervisor.state
    if let problem = storage.problem { return try Response.json(["status": "degraded", "message": problem]) }
    return try Response.json(["status": state == .ready ? "ok" : state.rawValue])
  }

  func devices() async -> [DeviceStatus] { await lease.equipment?.devices(live) ?? [] }

  func status() async -> StatusResponse {
    let equipment = await lease.equipment
    let problem = storage.problem
    let absence = await supervisor.absence ?? problem.map { ServiceError(.stateUnwritable, $0) }
    var state: StatusResponse.State = if await queue.isStopped { .stopping } else { await supervisor.state }
    if state == .ready, problem != nil { state = .degraded }
    return StatusResponse(
      version: SoftwareVersion.current, state: state, message: absence?.description, cause: absence?.cause.rawValue,
      processIdentifier: ProcessInfo.processInfo.processIdentifier, uptime: clock.uptime() - started,
      bench: await supervisor.file.path, stateDirectory: stateDirectory, simulated: equipment?.truth != nil,
      running: await queue.running?.listed, queued: await queue.queued, benchHolder: await lease.holder,
      frames: await equipment?.unit.frameCounts ?? [:])
  }

  /// Lets time pass on a simulated bench.
  @Sendable private func advance(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    struct Wish: Decodable { var seconds: Double }
    let wish = try await request.json(Wish.self, limit: 4096, within: requests, context)
    guard wish.seconds.isFinite, (0...1e7).contains(wish.seconds) else {
      throw ServiceError(.requestInvalid, "seconds: \(wish.seconds) is not in 0…10⁷")
    }
    try await lease.use(for: "simulated advance") { bench in
      guard bench.truth != nil else {
        throw ServiceError(.benchNotSimulated, "this bench is real; its time passes by itself")
      }
      guard bench.clock.now < Self.latest else { throw ServiceError(.benchClock, "its clock cannot be moved further") }
      try await bench.clock.wait(until: bench.clock.now + UInt64(wish.seconds * 1e9))
    }
    return Response(status: .noContent)
  }
}

/// The body of `GET /v1/bench`.
private struct BenchDocument: Encodable {
  var path: String
  var twin: TwinDescription
  var parameters: [TwinParameter]
}
