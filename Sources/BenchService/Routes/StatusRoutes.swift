import BenchAPI
import BenchFile
import Foundation
import Hummingbird
import Twin

/// `/v1/healthz`, `/v1/status`, `/v1/devices`, `/v1/bench` and `/v1/simulated/truth`
struct StatusRoutes {
  let equipment: BenchEquipment
  let queue: JobQueue
  let lease: BenchLease
  let stateDirectory: String
  let clock: ServiceClock
  let started: Double

  func add(to group: RouterGroup<BasicRequestContext>) {
    group.get("healthz") { _, _ in try Response.json(["status": "ok"]) }
    group.get("status") { _, _ in try Response.json(await status()) }
    group.get("devices") { _, _ in try Response.json(DeviceList(devices: await equipment.devices())) }
    group.get("bench") { _, _ in
      let file = equipment.file
      return try Response.json(BenchDocument(path: file.path, twin: file.twin, parameters: file.parameters.all))
    }
    group.get("simulated/truth") { _, _ in
      guard let truth = equipment.truth else { throw ServiceError.absent("this bench is real; nobody knows its truth") }
      return try Response.json(truth)
    }
  }

  private func status() async -> StatusResponse {
    StatusResponse(
      version: ServiceVersion.current, processIdentifier: ProcessInfo.processInfo.processIdentifier,
      uptime: clock.uptime() - started, bench: equipment.file.path, stateDirectory: stateDirectory,
      simulated: equipment.truth != nil, running: await queue.running, queued: await queue.queued,
      benchHolder: await lease.holder, frames: await equipment.unit.frameCounts)
  }
}

/// The version in `GET /v1/status`.
public enum ServiceVersion {
  public static let current = "0.1.0"
}

/// The body of `GET /v1/bench`.
private struct BenchDocument: Encodable {
  var path: String
  var twin: TwinDescription
  var parameters: [TwinParameter]
}
