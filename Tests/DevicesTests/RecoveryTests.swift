import Arrays
import Concurrency
import Devices
import Measuring
import Simulated
import Testing

@Suite("A bench whose devices come and go")
struct RecoveryTests {
  private let images = TestBench.codes(200)

  private func decoded(_ bench: Bench) async throws -> Stack<Float> {
    TestBench.decode(try await bench.intensities(layers: TestBench.layers(), inputs: images, block: TestBench.block))
  }

  @Test("an unplugged camera pauses the measurement, which goes on by itself: every image is measured once")
  func camera() async throws {
    let faults = FrameFaults(dropped: 0.05, late: 0.05, torn: 0.05, disconnected: 0.02, outage: 3)
    let test = try TestBench(TestBench.configuration(faults: faults))
    let states = StateLog()
    await test.bench.observe { states.add($0) }
    try await test.bench.start()
    #expect(try await decoded(test.bench) == images)
    let report = await test.bench.report
    #expect(report.accepted == 200)
    #expect(report.erroneous > 3)
    #expect(states.pauses.contains { $0.contains("unplug") })
    #expect(states.all.last == .ready)
    #expect(test.simulated.clock.now > 3_000_000_000)
  }

  @Test("a camera that falls silent is started anew")
  func silence() async throws {
    let test = try TestBench(TestBench.configuration(faults: FrameFaults(hung: 0.02)))
    let states = StateLog()
    await test.bench.observe { states.add($0) }
    try await test.bench.start()
    #expect(try await decoded(test.bench) == images)
    #expect(states.pauses.contains { $0.contains("no frame arrived") })
  }

  @Test("a camera that is silent again and again is given up, with the safe pattern on the panel")
  func deadCamera() async throws {
    let log = CallLog()
    let test = try TestBench(
      TestBench.configuration(faults: FrameFaults(hung: 1)), wrap: { RecordingModulator($0, log) })
    try await test.bench.start()
    await #expect(throws: BenchError.self) { try await decoded(test.bench) }
    #expect(log.calls.last(where: { $0 == "safe" || $0 == "show" }) == "safe")
  }

  @Test("a modulator that vanishes is opened anew and given its patterns again")
  func modulator() async throws {
    let log = CallLog()
    let test = try TestBench(wrap: { UnpluggedModulator(RecordingModulator($0, log), shows: [3, 90], failing: 2) })
    let states = StateLog()
    await test.bench.observe { states.add($0) }
    try await test.bench.start()
    #expect(try await decoded(test.bench) == images)
    #expect(await test.bench.report.accepted == 200)
    #expect(log.calls.contains("reconnect"))
    #expect(!states.pauses.isEmpty)
  }

  @Test("a pause ends with the deadline, and the error says what is missing")
  func patience() async throws {
    var timing = TestBench.patient
    timing.reconnectDeadline = 5
    let test = try TestBench(
      TestBench.configuration(faults: FrameFaults(disconnected: 1, outage: 50)), timing: timing)
    await test.bench.observe { _ in }
    try await test.bench.start()
    let began = test.simulated.clock.now
    await #expect(throws: DeviceError.disconnected(device: "simulated camera", reason: "it was unplugged")) {
      try await decoded(test.bench)
    }
    let waited = Double(test.simulated.clock.now - began) * 1e-9
    #expect(waited >= 5 && waited < 7)
  }

  @Test("a pause can be cancelled")
  func cancellation() async throws {
    let test = try TestBench(TestBench.configuration(faults: FrameFaults(disconnected: 1, outage: 50)))
    let states = StateLog()
    await test.bench.observe { state in
      states.add(state)
      if case .paused = state { withUnsafeCurrentTask { $0?.cancel() } }
    }
    try await test.bench.start()
    let task = Task { try await decoded(test.bench) }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(states.pauses.count == 1)
    // The camera is gone: a bench that called itself ready would not start it again.
    #expect(await test.bench.state == .disconnected)
  }

  @Test("without anybody to tell, a missing device is an error at once")
  func unobserved() async throws {
    let test = try TestBench(TestBench.configuration(faults: FrameFaults(disconnected: 1, outage: 50)))
    try await test.bench.start()
    let began = test.simulated.clock.now
    await #expect(throws: DeviceError.disconnected(device: "simulated camera", reason: "it was unplugged")) {
      try await decoded(test.bench)
    }
    #expect(Double(test.simulated.clock.now - began) * 1e-9 < 1)
  }

  @Test("a cancelled measurement cannot keep the safe pattern off the panel")
  func safeWhenCancelled() async throws {
    let log = CallLog()
    let test = try TestBench(wrap: { CancellableModulator(RecordingModulator($0, log)) })
    try await test.bench.start()
    let before = log.calls.count { $0 == "safe" }
    let task = Task {
      try await test.bench.measure(layers: TestBench.layers(), inputs: images, block: nil) { count in
        if count == 5 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(log.calls.count { $0 == "safe" } == before + 2)
  }

  @Test("a layer panel that goes while only images change is noticed before a frame is credited")
  func layerPanel() async throws {
    let presence = Locked(0)
    // The first modulator made is that of the layers; it says that it is gone when it has been asked 50 times.
    let panels = Locked(0)
    let test = try TestBench(wrap: { device in
      let isLayers = panels.withLock { count in
        count += 1
        return count == 1
      }
      return isLayers
        ? AskedModulator(device) {
          presence.withLock {
            $0 += 1
            return $0 != 50
          }
        } : device
    })
    let states = StateLog()
    await test.bench.observe { states.add($0) }
    try await test.bench.start()
    #expect(try await decoded(test.bench) == images)
    #expect(states.pauses.count == 1)
    #expect(await test.bench.report.accepted == 200)
  }
}

@Suite("Uploading ahead")
struct UploadTests {
  @Test("while an image is exposed, the next one is uploaded", .timeLimit(.minutes(15)))
  func pipeline() async throws {
    var timing = TestBench.patient
    timing.uploadCount = 1
    let log = CallLog()
    let test = try TestBench(
      timing: timing, wrap: { RecordingModulator($0, log) },
      wrapCamera: { PatientCamera($0, waits: { shows(log) > 1 && uploads(log) <= min(shows(log), 20) }) })
    try await test.bench.start()
    // Layers and 20 images are uploaded; each frame is withheld until the image after it is on the modulator.
    let measured = try await test.bench.intensities(
      layers: TestBench.layers(), inputs: TestBench.codes(20), block: TestBench.block)
    #expect(TestBench.decode(measured) == TestBench.codes(20))
  }

  private func shows(_ log: CallLog) -> Int { log.calls.count { $0 == "show" } }

  private func uploads(_ log: CallLog) -> Int { log.calls.count { $0.hasPrefix("upload") } }

  @Test("what was shown is released", arguments: [1, 7])
  func memory(count: Int) async throws {
    let log = CallLog()
    var timing = TestBench.patient
    timing.uploadCount = count
    let test = try TestBench(timing: timing, wrap: { RecordingModulator($0, log) })
    try await test.bench.start()
    let images = TestBench.codes(30)
    let measured = try await test.bench.intensities(layers: TestBench.layers(), inputs: images, block: TestBench.block)
    #expect(TestBench.decode(measured) == images)
    let calls = log.calls
    let held = calls.reduce(into: (now: 0, most: 0)) { held, call in
      if call.hasPrefix("upload") { held.now += Int(call.dropFirst(7)) ?? 0 }
      if call.hasPrefix("release") { held.now -= Int(call.dropFirst(8)) ?? 0 }
      held.most = max(held.most, held.now)
    }
    #expect(held.most <= 3 * count + 1)
    #expect(held.now <= 1)
  }

  @Test("an error during the exposure releases what was uploaded ahead")
  func failure() async throws {
    let log = CallLog()
    var configuration = TestBench.configuration(faults: FrameFaults(black: 1))
    configuration.noise = .none
    let test = try TestBench(configuration, wrap: { RecordingModulator($0, log) })
    try await test.bench.start()
    await #expect(throws: BenchError.self) {
      try await test.bench.intensities(layers: TestBench.layers(), inputs: TestBench.codes(200), block: nil)
    }
    let balance = log.calls.reduce(0) { sum, call in
      if call.hasPrefix("upload") { return sum + (Int(call.dropFirst(7)) ?? 0) }
      if call.hasPrefix("release") { return sum - (Int(call.dropFirst(8)) ?? 0) }
      return sum
    }
    #expect(balance == 0)
  }
}

/// A camera that delivers nothing while a condition holds.
private struct PatientCamera: Camera {
  let camera: any Camera
  let waits: @Sendable () -> Bool

  init(_ camera: any Camera, waits: @escaping @Sendable () -> Bool) {
    self.camera = camera
    self.waits = waits
  }

  var description: CameraDescription { camera.description }
  var state: DeviceState { get async { await camera.state } }
  var settings: CameraSettings { get async { await camera.settings } }
  func apply(_ settings: CameraSettings) async throws -> CameraSettings { try await camera.apply(settings) }
  func start() async throws { try await camera.start() }
  func stop() async { await camera.stop() }
  func reconnect() async throws { try await camera.reconnect() }

  func nextFrame(deadline: UInt64) async throws -> Frame {
    while waits() {
      try Task.checkCancellation()
      await Task.yield()
    }
    return try await camera.nextFrame(deadline: deadline)
  }
}

/// A modulator whose safe pattern a cancelled task would not get.
private struct CancellableModulator: SpatialLightModulator {
  let device: any SpatialLightModulator

  init(_ device: any SpatialLightModulator) { self.device = device }

  var description: ModulatorDescription { device.description }
  var state: DeviceState { get async { await device.state } }
  func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] { try await device.upload(patterns) }
  func show(_ handle: PatternHandle) async throws -> PresentationReceipt { try await device.show(handle) }
  func release(_ handles: [PatternHandle]) async { await device.release(handles) }
  func reconnect() async throws { try await device.reconnect() }

  func showSafePattern() async throws {
    try Task.checkCancellation()
    try await device.showSafePattern()
  }
}

/// A modulator that is asked whether it is still there.
private struct AskedModulator: SpatialLightModulator {
  let device: any SpatialLightModulator
  let isThere: @Sendable () -> Bool

  init(_ device: any SpatialLightModulator, isThere: @escaping @Sendable () -> Bool) {
    self.device = device
    self.isThere = isThere
  }

  var description: ModulatorDescription { device.description }
  var state: DeviceState { get async { await device.state } }
  func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] { try await device.upload(patterns) }
  func show(_ handle: PatternHandle) async throws -> PresentationReceipt { try await device.show(handle) }
  func release(_ handles: [PatternHandle]) async { await device.release(handles) }
  func showSafePattern() async throws { try await device.showSafePattern() }
  func reconnect() async throws { try await device.reconnect() }

  func requirePresence() async throws {
    guard isThere() else { throw DeviceError.disconnected(device: description.name, reason: "unplugged") }
  }
}

/// The states that a bench went through.
private final class StateLog: Sendable {
  private let storage = Locked<[DeviceState]>([])
  var all: [DeviceState] { storage.withLock { $0 } }
  var pauses: [String] { all.compactMap { if case .paused(let reason) = $0 { reason } else { nil } } }
  func add(_ state: DeviceState) { storage.withLock { $0.append(state) } }
}

/// A modulator that is gone from some calls to show on, until opening it anew has failed a few times.
private final class UnpluggedModulator: SpatialLightModulator {
  private let device: any SpatialLightModulator
  private let presence = Locked((shows: 0, isGone: false, failures: 0))
  private let shows: Set<Int>
  private let failing: Int

  init(_ device: any SpatialLightModulator, shows: Set<Int>, failing: Int) {
    self.device = device
    self.shows = shows
    self.failing = failing
  }

  var description: ModulatorDescription { device.description }
  var state: DeviceState { get async { await device.state } }

  private func failWhenGone() throws {
    if presence.withLock({ $0.isGone }) { throw DeviceError.disconnected(device: description.name, reason: "test") }
  }

  func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try failWhenGone()
    return try await device.upload(patterns)
  }

  func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    presence.withLock { state in
      state.shows += 1
      if shows.contains(state.shows) { state.isGone = true }
    }
    try failWhenGone()
    return try await device.show(handle)
  }

  func release(_ handles: [PatternHandle]) async { await device.release(handles) }

  func showSafePattern() async throws {
    try failWhenGone()
    try await device.showSafePattern()
  }

  func reconnect() async throws {
    presence.withLock { state in
      guard state.isGone else { return }
      state.failures += 1
      if state.failures > failing { (state.isGone, state.failures) = (false, 0) }
    }
    try failWhenGone()
    try await device.reconnect()
  }
}
