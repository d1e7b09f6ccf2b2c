import BenchAPI
import BenchClient
import BenchService
import BenchTestKit
import Foundation
import Jobs
import Lending
import Logging
import ServiceCore
import ServiceLifecycle

/// A folder that is gone when the test is over.
func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("odu-\(UInt32.random(in: .min ... .max))")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}

/// A server's configuration with the routines of these tests and a silent log.
func testConfiguration(_ stage: Stage) -> BenchServer.Configuration {
  var configuration = BenchServer.Configuration()
  configuration.catalogue = JobCatalogue([CountJob.declared, FailingJob.declared])
  configuration.clock = stage.clock
  configuration.access = .unrestricted
  configuration.jobsOutliveService = false
  configuration.logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
  return configuration
}

/// A daemon on a socket of its own, in this process, until `body` returns.
struct LiveDaemon: Sendable {
  let client: BenchClient
  let stage: Stage
  let bench: FakeBench
  let folder: URL
  let group: ServiceGroup

  var socket: String { client.socket }

  static func run<Value: Sendable>(
    in folder: URL, stage: Stage = Stage(), bench: FakeBench = FakeBench(), limits: ServiceLimits = ServiceLimits(),
    configure: (inout BenchServer.Configuration) -> Void = { _ in },
    source: (BenchEquipment) -> BenchSource = { BenchSource($0) },
    _ body: @escaping @Sendable (LiveDaemon) async throws -> Value
  ) async throws -> Value {
    var configuration = testConfiguration(stage)
    configuration.limits = limits
    configure(&configuration)
    let server = try BenchServer(
      source: source(try bench.equipment()), state: StateFolder(path: folder.appendingPathComponent("state").path),
      configuration: configuration)
    let socket = folder.appendingPathComponent("s").path
    let (ready, announce) = AsyncStream.makeStream(of: Void.self)
    let daemon = BenchDaemon(server: server, socket: socket) { announce.finish() }
    let group = ServiceGroup(services: [daemon], logger: configuration.logger)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        defer { announce.finish() }
        try await group.run()
      }
      for await _ in ready {}
      do {
        let value = try await body(
          LiveDaemon(client: BenchClient(socket: socket), stage: stage, bench: bench, folder: folder, group: group))
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return value
      } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
    }
  }

  /// Submits a count.
  func count(_ steps: Int, waits: Bool = false) async throws -> JobSummary {
    try await client.submit(
      JobRequest(kind: "count", encoding: CountJob.Parameters(stage: stage.name, steps: steps, waits: waits)))
  }

  /// All events of a job until it ends.
  func events(of id: String) async throws -> [JobEvent] {
    var events: [JobEvent] = []
    for try await event in client.events(of: id) { events.append(event) }
    return events
  }
}
