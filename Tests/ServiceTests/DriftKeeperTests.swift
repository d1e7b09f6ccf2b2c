import Arrays
import BenchAPI
import BenchFile
import BenchTestKit
import Concurrency
import Devices
import DriverCatalogue
import Files
import Foundation
import JobKinds
import Jobs
import Lending
import Logging
import Measuring
import ServiceCore
import Testing
import Twin

/// A bench that is a twin of its file, and that a test can have drift.
private final class DriftingUnit: BenchUnit {
  private let twin: Locked<Twin<Float>>
  private let count = Locked(0)

  init(_ file: BenchFile) throws {
    var (description, parameters) = (file.twin, file.parameters)
    description.geometry.sampling = 2
    (parameters["beamTiltX"], parameters["mirrorTiltY"]) = (0.4e-3, 0.3e-3)
    twin = Locked(try Twin<Float>(description, parameters: parameters, threads: 1))
  }

  var frames: Int { count.withLock { $0 } }

  func move(_ name: String, by change: Double) throws {
    try twin.withLock { twin in
      var parameters = twin.parameters
      parameters[name] += change
      twin = try twin.with(parameters)
    }
  }

  func measure(
    layers: Stack<Float>, inputs: Stack<Float>, block: Int?, progress: (@Sendable (Int) -> Void)?
  ) async throws -> Measured { try await measure(layers: layers, inputs: inputs, block: block) }

  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    let number = count.withLock { count in
      count += 1
      return count
    }
    var frames = try twin.withLock { $0 }.forward(layers: layers, inputs: inputs, block: block)
    let random = CounterRandom(seed: UInt64(number))
    for index in frames.values.indices { frames.values[index] *= 1 + 0.02 * Float(random.normal(at: UInt64(index))) }
    return Measured(intensities: frames)
  }

  func start() async throws {}
  func stop() async throws {}
  func adopt(_ knowledge: BenchKnowledge) async throws {}
  func observe(_ observer: (@Sendable (DeviceState) -> Void)?) async {}
  func witness(_ witness: (any BenchWitness)?) async {}
  var frameCounts: [String: Int] { [:] }
}

/// Protects what a daemon does between jobs on a bench that drifts: nothing that its file does not ask for.
@Suite("Drift keeper") struct DriftKeeperTests {
  private static func file(_ drift: String) throws -> BenchFile {
    let yaml = """
      geometry: {kind: cavity, wavelength: 850e-9, pitch: 18.4e-6, grid: 24, layers: 2, mirrorGap: 3e-3, padding: 1.5}
      input: {size: 5, block: 4}
      detector: {block: 1}
      parameters: {mirrorGap: {free: false}}
      \(drift)
      """
    return try BenchFile(yaml: yaml, path: "drifting.yaml", drivers: .standard)
  }

  /// A daemon that looks at what is due when it is told to, and whose date is the stage's.
  private func withBench(
    _ drift: String, _ body: @escaping @Sendable (LiveDaemon, DriftingUnit) async throws -> Void
  ) async throws {
    let file = try Self.file(drift)
    let (unit, stage) = (try DriftingUnit(file), Stage())
    try await withFolder { folder in
      try await LiveDaemon.run(in: folder, stage: stage) { configuration in
        configuration.catalogue = .standard.adding(CountJob.declared)
        let others = stage.clock
        configuration.clock = ServiceClock(
          uptime: { stage.time }, date: { Date(timeIntervalSince1970: 1e6 + stage.time) },
          sleep: { seconds in
            guard seconds == DriftKeeper.step else { return try await others.sleep(seconds) }
            await stage.pass(Self.look)
          })
      } source: { equipment in
        var equipment = equipment
        (equipment.file, equipment.unit) = (file, unit)
        return BenchSource(equipment)
      } _: { daemon in
        try await body(daemon, unit)
      }
    }
  }

  /// The gate at which the keeper waits between two looks at what is due.
  private static let look = "look"

  /// Has a keeper that waits look at what is due.
  private func look(_ daemon: LiveDaemon) {
    daemon.stage.open(Self.look)
    daemon.stage.close(Self.look)
  }

  /// What is known of the drift, once it is so.
  private func drift(
    on daemon: LiveDaemon, until isSo: (DriftResponse) -> Bool
  ) async throws -> DriftResponse {
    while true {
      look(daemon)
      let drift = try await daemon.client.drift()
      if isSo(drift) { return drift }
    }
  }

  private func calibrate(_ daemon: LiveDaemon) async throws {
    let request = CalibrateRequest(routines: ["alignment"], seed: 3)
    let job = try await daemon.client.submit(JobRequest(kind: "calibrate", encoding: request))
    _ = try await daemon.events(of: job.id)
    let ended = try await daemon.client.job(job.id)
    #expect(ended.state == .succeeded, "\(ended.message ?? "")")
  }

  @Test("with the policy ask, a drift is measured and explained, it is said what would help, and nothing else happens")
  func asks() async throws {
    try await withBench("drift: {every: 100}") { daemon, unit in
      try await calibrate(daemon)
      let first = try await drift(on: daemon) { $0.readings.count == 1 }
      #expect(first.policy == "ask" && first.threshold == 1.5 && !first.drifted && first.advice == nil)
      #expect(first.readings[0].ratio == 1 && first.readings[0].frames == 8)
      let frames = unit.frames
      try unit.move("mirrorTiltX", by: 0.2e-3)
      daemon.stage.advance(by: 99)
      for _ in 1...3 {
        look(daemon)
        _ = try await daemon.client.status()
      }
      #expect(unit.frames == frames, "a probe before its time")
      daemon.stage.advance(by: 1)
      let second = try await drift(on: daemon) { $0.readings.count == 2 }
      #expect(second.drifted && second.readings[1].start == first.readings[0].discrepancy)
      #expect(second.readings[1].group == "alignment" && second.refinements.isEmpty)
      #expect(second.advice?.kind == "calibrate")
      #expect(try await daemon.client.jobs().count == 1)
      #expect(try await daemon.client.calibrations().count == 1)
      let metrics = try await daemon.client.metrics()
      #expect(metrics.contains("odu_discrepancy \(second.readings[1].discrepancy)\n"))
      #expect(metrics.contains("odu_discrepancy_age_seconds 0.0\n"))
    }
  }

  @Test("with the policy automatic, the group is found again by a job of its own, and the discrepancy is what it was")
  func refines() async throws {
    try await withBench("drift: {policy: automatic, every: 100}") { daemon, unit in
      try await calibrate(daemon)
      let first = try await drift(on: daemon) { $0.readings.count == 1 }
      try unit.move("mirrorTiltX", by: 0.2e-3)
      daemon.stage.advance(by: 100)
      let second = try await drift(on: daemon) { $0.readings.count == 3 }
      let refinement = try #require(second.refinements.first)
      #expect(refinement.state == .succeeded && refinement.group == "alignment" && second.refinements.count == 1)
      #expect(try #require(refinement.after) < 0.5 * (try #require(refinement.before)))
      #expect(!second.drifted && second.readings[2].start == first.readings[0].discrepancy)
      #expect(second.readings[1].ratio > 2 && second.readings[2].ratio < 1.5, "\(second.readings)")
      // Its product is one like any other, and the job can be looked at like any other.
      let calibration = try #require(try await daemon.client.calibrations().first)
      #expect(calibration.run == refinement.run && calibration.routine == "refinement" && calibration.inForce)
      #expect(try await daemon.client.job(refinement.run).kind == "calibrate")
    }
  }

  @Test("with the policy never, it is only measured; without a section, nothing is")
  func never() async throws {
    try await withBench("drift: {policy: never, every: 100}") { daemon, unit in
      try await calibrate(daemon)
      _ = try await drift(on: daemon) { $0.readings.count == 1 }
      try unit.move("mirrorTiltX", by: 0.2e-3)
      daemon.stage.advance(by: 100)
      let second = try await drift(on: daemon) { $0.readings.count == 2 }
      #expect(second.drifted && second.readings[1].group == nil && second.advice == nil)
      #expect(try await daemon.client.jobs().count == 1)
    }
    try await withBench("") { daemon, unit in
      try await calibrate(daemon)
      let frames = unit.frames
      daemon.stage.advance(by: 1e6)
      look(daemon)
      _ = try await daemon.count(3)
      look(daemon)
      let drift = try await daemon.client.drift()
      #expect(drift == DriftResponse() && unit.frames == frames)
    }
  }

  @Test("a glance at the bench learns that someone waits for it, and none begins while someone does")
  func givesWay() async throws {
    let (stage, bench, live) = (Stage(), FakeBench(), LiveView())
    let lease = BenchLease(clock: stage.clock)
    let equipment = try bench.equipment()
    let supervisor = BenchSupervisor(
      source: BenchSource(equipment), file: equipment.file, lease: lease, live: live, clock: stage.clock,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let running = Task { try await supervisor.run() }
    try await supervisor.settle()
    let order = Locked<[String]>([])
    async let glance: Bool? = lease.glance(for: "probe", measures: true) { _ in
      stage.open("begun")
      while await !lease.isAwaited { await Task.yield() }
      let another: Bool? = try await lease.glance(for: "another") { _ in true }
      #expect(another == nil)
      order.withLock { $0.append("probe") }
      return true
    }
    await stage.pass("begun")
    try await lease.useWhenFree(for: "job") { _ in order.withLock { $0.append("job") } }
    let glanced = try await glance
    #expect(glanced == true && order.withLock { $0 } == ["probe", "job"])
    #expect(await !lease.isAwaited)
    running.cancel()
    _ = try? await running.value
  }

  @Test("what is on a panel stays there, whatever a probe shows meanwhile")
  func panels() async throws {
    try await withBench("drift: {every: 100}") { daemon, unit in
      try await calibrate(daemon)
      _ = try await drift(on: daemon) { $0.readings.count == 1 }
      let pattern = Pattern(width: 4, height: 3, level: 77)
      try await daemon.client.show(pattern: png(pattern))
      let frames = unit.frames
      daemon.stage.advance(by: 100)
      _ = try await drift(on: daemon) { $0.readings.count == 2 }
      #expect(daemon.bench.modulator.present.shown == pattern && unit.frames == frames + 8)
    }
  }

  private func png(_ pattern: Pattern) throws -> [UInt8] {
    try PNG.encode(gray8: pattern.levels, width: pattern.width, height: pattern.height)
  }
}
