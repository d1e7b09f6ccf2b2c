import Arrays
import Concurrency
import Devices
import Simulated
import Testing

@Suite("The bench")
struct BenchTests {
  private func wrong(_ measured: Stack<Float>, _ images: Stack<Float>) -> Int {
    let decoded = TestBench.decode(measured)
    return (0..<images.count).count { decoded.planes(at: [$0]) != images.planes(at: [$0]) }
  }

  @Test("every image comes back as itself while frames are dropped, doubled, stale, black and broken")
  func identity() async throws {
    let faults = FrameFaults(dropped: 0.1, duplicated: 0.1, stale: 0.1, black: 0.1, erroneous: 0.1)
    var configuration = TestBench.configuration(faults: faults)
    (configuration.inputPanel.latency, configuration.inputPanel.settle) = (1e-3, 3e-3)
    var timing = TestBench.patient
    (timing.inputLatency, timing.inputSettle) = (1e-3, 3e-3)
    let bench = try TestBench(configuration, timing: timing).bench
    try await bench.start()
    let images = TestBench.codes(300)
    let measured = try await bench.intensities(layers: TestBench.layers(), inputs: images, block: TestBench.block)
    #expect(wrong(measured, images) == 0)
    let report = await bench.report
    #expect(report.accepted == 300)
    for count in [report.tooEarly, report.erroneous, report.duplicated, report.black, report.missing] {
      #expect(count > 10, "\(report)")
    }
  }

  @Test("a bench that does not wait for its modulators does mix images up, so the test above can fail")
  func impatience() async throws {
    var configuration = TestBench.configuration()
    configuration.inputPanel.latency = 3e-3
    configuration.inputPanel.settle = 3e-3
    let bench = try TestBench(configuration, timing: BenchTiming()).bench
    try await bench.start()
    let images = TestBench.codes(50)
    let measured = try await bench.intensities(layers: TestBench.layers(), inputs: images, block: TestBench.block)
    #expect(wrong(measured, images) > 10)
  }

  @Test("the first frame after a change of layers shows the new layers alone", arguments: [true, false])
  func layerChange(patient: Bool) async throws {
    var timing = patient ? TestBench.patient : BenchTiming()
    timing.rejectsIdenticalFrames = false
    let bench = try TestBench(TestBench.configuration(noise: .none), timing: timing, distance: 1e-3).bench
    try await bench.start()
    let image = TestBench.codes(1)
    _ = try await bench.intensities(layers: TestBench.layers(), inputs: image, block: nil)
    let first = try await bench.intensities(layers: TestBench.layers(step: .pi), inputs: image, block: nil)
    for _ in 0..<20 { _ = try await bench.intensities(layers: TestBench.layers(step: .pi), inputs: image, block: nil) }
    let second = try await bench.intensities(layers: TestBench.layers(step: .pi), inputs: image, block: nil)
    #expect((first == second) == patient)
  }

  @Test("the same seed gives the same frames, another one others")
  func seeds() async throws {
    var frames: [[Frame]] = []
    for seed: UInt64 in [1, 1, 2] {
      let bench = try TestBench(TestBench.configuration(seed: seed)).bench
      try await bench.start()
      frames.append(try await bench.measureFrames(layers: TestBench.layers(), inputs: TestBench.codes(20)))
    }
    #expect(frames[0] == frames[1])
    #expect(frames[0].map(\.pixels) != frames[2].map(\.pixels))
  }

  @Test("frames do not depend on how many are computed ahead and side by side")
  func threads() async throws {
    var frames: [[Frame]] = []
    for count in [1, 64] {
      var timing = TestBench.patient
      timing.uploadCount = count
      let bench = try TestBench(timing: timing).bench
      try await bench.start()
      frames.append(try await bench.measureFrames(layers: TestBench.layers(), inputs: TestBench.codes(20)))
    }
    #expect(frames[0] == frames[1])
  }

  @Test("phases are wrapped and rounded to the levels of the modulator")
  func quantisation() async throws {
    var timing = TestBench.patient
    timing.rejectsIdenticalFrames = false
    let bench = try TestBench(TestBench.configuration(noise: .none), timing: timing, distance: 1e-3).bench
    try await bench.start()
    let level = 2 * Float.pi / 256
    func measure(_ step: Float) async throws -> Stack<Float> {
      try await bench.intensities(layers: TestBench.layers(step: step), inputs: TestBench.codes(1), block: nil)
    }
    let reference = try await measure(100 * level)
    #expect(try await measure(100.4 * level) == reference)
    #expect(try await measure(100 * level - 4 * .pi) == reference)
    #expect(try await measure(120 * level) != reference)
    #expect(try await measure(-0.3 * level) == measure(0))
  }

  @Test("input and layers may share a modulator")
  func sharedModulator() async throws {
    let bench = try TestBench(shared: true).bench
    try await bench.start()
    let images = TestBench.codes(20)
    let measured = try await bench.intensities(layers: TestBench.layers(), inputs: images, block: TestBench.block)
    #expect(wrong(measured, images) == 0)
  }

  @Test("a block is the mean of the pixels of the frame's region, as a fraction of full scale")
  func blocks() async throws {
    let (first, second) = (try TestBench(), try TestBench())
    try await first.bench.start()
    try await second.bench.start()
    let images = TestBench.codes(2)
    let measured = try await first.bench.intensities(layers: TestBench.layers(), inputs: images, block: 8)
    let frames = try await second.bench.measureFrames(layers: TestBench.layers(), inputs: images)
    #expect([measured.count, measured.height, measured.width] == [2, 4, 4])
    var sum = 0
    for y in 8..<16 { for x in 16..<24 { sum += Int(frames[1].pixels[(y + 4) * 48 + x + 6]) } }
    #expect(abs(measured[1, 1, 2] - Float(sum) / 64 / 4095) < 1e-6)
  }
}

@Suite("The bench in trouble")
struct BenchTroubleTests {
  @Test("layers and images that do not fit or are not finite are named and nothing is shown")
  func validation() async throws {
    let log = CallLog()
    let bench = try TestBench(wrap: { RecordingModulator($0, log) }).bench
    try await bench.start()
    let calls = log.calls
    let (layers, images) = (TestBench.layers(), TestBench.codes(2))
    var broken = images
    broken[1, 2, 3] = .nan
    await #expect(throws: BenchError.notFinite(what: "the images", plane: 1, y: 2, x: 3)) {
      try await bench.intensities(layers: layers, inputs: broken, block: nil)
    }
    broken[1, 2, 3] = 1.5
    await #expect(throws: BenchError.outOfRange(value: 1.5, plane: 1, y: 2, x: 3)) {
      try await bench.intensities(layers: layers, inputs: broken, block: nil)
    }
    await #expect(throws: BenchError.wrongShape(what: "the layers", expected: [2, 32, 32], found: [1, 32, 32])) {
      try await bench.intensities(layers: layers.planes(0..<1), inputs: images, block: nil)
    }
    await #expect(throws: BenchError.wrongBlock(block: 5, width: 32, height: 32)) {
      try await bench.intensities(layers: layers, inputs: images, block: 5)
    }
    #expect(log.calls == calls)
    #expect(await bench.state == .ready)
  }

  @Test("when no frame matches, the error says what was seen, and the panels are left safe")
  func deadline() async throws {
    let log = CallLog()
    let configuration = TestBench.configuration(faults: FrameFaults(erroneous: 1))
    let bench = try TestBench(configuration, wrap: { RecordingModulator($0, log) }).bench
    try await bench.start()
    do {
      _ = try await bench.intensities(layers: TestBench.layers(), inputs: TestBench.codes(1), block: nil)
      Issue.record("a measurement of broken frames succeeded")
    } catch BenchError.noMatchingFrame(let input, _, let seen) {
      #expect(input == 0)
      #expect(seen.erroneous > 100)
      #expect(seen.accepted == 0)
    }
    #expect(log.calls.filter { !$0.hasPrefix("release") }.suffix(2) == ["safe", "safe"])
    #expect(await bench.state == .ready)
  }

  @Test("a bench that was not started does not measure")
  func notReady() async throws {
    let bench = try TestBench().bench
    await #expect(throws: BenchError.notReady(state: .disconnected)) {
      try await bench.intensities(layers: TestBench.layers(), inputs: TestBench.codes(1), block: nil)
    }
    try await bench.start()
    try await bench.stop()
    #expect(await bench.state == .disconnected)
  }

  @Test("a cancelled measurement stops between frames and leaves the panels safe")
  func cancellation() async throws {
    let log = CallLog()
    let bench = try TestBench(wrap: { RecordingModulator($0, log) }).bench
    try await bench.start()
    let seen = Locked(0)
    await #expect(throws: CancellationError.self) {
      try await bench.measureFrames(layers: TestBench.layers(), inputs: TestBench.codes(50)) { done in
        seen.withLock { $0 = done }
        if done == 3 { withUnsafeCurrentTask { $0?.cancel() } }
      }
    }
    #expect(seen.withLock { $0 } == 3)
    #expect(log.calls.filter { !$0.hasPrefix("release") }.suffix(2) == ["safe", "safe"])
    #expect(await bench.state == .ready)
  }

  @Test("a device error is a fault, from which a new start recovers")
  func fault() async throws {
    let bench = try TestBench().bench
    try await bench.start()
    await bench.camera.stop()
    await #expect(throws: DeviceError.self) {
      try await bench.intensities(layers: TestBench.layers(), inputs: TestBench.codes(1), block: nil)
    }
    guard case .fault = await bench.state else {
      Issue.record("the bench is not in the state of a fault")
      return
    }
    try await bench.start()
    let measured = try await bench.intensities(layers: TestBench.layers(), inputs: TestBench.codes(1), block: nil)
    #expect(measured.count == 1)
  }

  @Test("layers that stay the same stay on the panel; handles are released")
  func economy() async throws {
    let log = CallLog()
    let bench = try TestBench(wrap: { RecordingModulator($0, log) }).bench
    try await bench.start()
    let before = log.calls.count
    for step: Float in [1, 1, 2] {
      _ = try await bench.intensities(layers: TestBench.layers(step: step), inputs: TestBench.codes(1), block: nil)
    }
    let calls = log.calls[before...]
    #expect(calls.count { $0 == "show" } == 5)
    #expect(calls.filter { $0 == "upload 1" }.count == 5)
    #expect(calls.count { $0 == "release 1" } == 4)
  }

  @Test("a layout that does not fit its devices is refused")
  func layout() throws {
    let parts = try TestBench()
    var layout = parts.bench.layout
    layout.layers.origins[1].x = 100
    #expect(throws: BenchError.self) {
      try Bench(
        layerModulator: parts.simulated.layerModulator, inputModulator: parts.simulated.inputModulator,
        camera: parts.simulated.camera, clock: parts.simulated.clock, layout: layout)
    }
  }

  @Test("drivers are found by name and kind")
  func registry() async throws {
    let parts = try TestBench()
    let registry = DriverRegistry([parts.simulated.driver])
    let modulator = try await registry.modulator(driver: "simulated", settings: ["role": "input"])
    #expect(modulator.description == parts.simulated.inputModulator?.description)
    #expect(try await registry.camera(driver: "simulated").description.bitDepth == 12)
    await #expect(throws: DeviceError.unknownDriver(name: "drm", known: ["simulated"])) {
      try await registry.modulator(driver: "drm")
    }
  }
}

/// The calls that modulators got.
final class CallLog: Sendable {
  private let storage = Locked<[String]>([])
  var calls: [String] { storage.withLock { $0 } }
  func add(_ call: String) { storage.withLock { $0.append(call) } }
}

/// A modulator that notes its calls and passes them on.
struct RecordingModulator: SpatialLightModulator {
  let device: any SpatialLightModulator
  let log: CallLog

  init(_ device: any SpatialLightModulator, _ log: CallLog) {
    self.device = device
    self.log = log
  }

  var description: ModulatorDescription { device.description }
  var state: DeviceState { get async { await device.state } }

  func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    log.add("upload \(patterns.count)")
    return try await device.upload(patterns)
  }

  func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    log.add("show")
    return try await device.show(handle)
  }

  func release(_ handles: [PatternHandle]) async {
    log.add("release \(handles.count)")
    await device.release(handles)
  }

  func showSafePattern() async throws {
    log.add("safe")
    try await device.showSafePattern()
  }

  func reconnect() async throws {
    log.add("reconnect")
    try await device.reconnect()
  }
}
