import Arrays
import BenchAPI
import BenchFile
import Concurrency
import Devices
import Lending
import Optics

/// A bench without optics: the frame of an image is the image times the sum of all phases.
struct FakeBench: Sendable {
  let modulator: FakeModulator
  let camera = FakeCamera()
  let unit = FakeUnit()

  init(modulator: FakeModulator = FakeModulator()) { self.modulator = modulator }

  static let layers = 2
  static let grid = 8
  static let size = 3

  func equipment(truth: JSONValue? = nil) throws -> BenchEquipment {
    let yaml = """
      geometry: {kind: planes, wavelength: 850e-9, pitch: 8e-6, grid: 8, layers: 2, spacing: 0.02, padding: 1}
      input: {size: 3, block: 2, encoding: amplitude}
      detector: {block: 1}
      """
    return BenchEquipment(
      file: try BenchFile(yaml: yaml, path: "fake.yaml"), unit: unit, modulators: [modulator], camera: camera,
      clock: MonotonicClock(), truth: truth)
  }
}

final class FakeUnit: BenchUnit {
  private struct NotStarted: Error {}
  private let runs = Locked((isRunning: false, stops: 0))
  private let observer = Locked<(@Sendable (DeviceState) -> Void)?>(nil)

  func observe(_ observer: (@Sendable (DeviceState) -> Void)?) async { self.observer.withLock { $0 = observer } }

  /// Says that the bench has entered a state.
  func announce(_ state: DeviceState) { observer.withLock { $0 }?(state) }

  /// How often the bench was made safe.
  var stops: Int { runs.withLock { $0.stops } }

  func start() async throws { runs.withLock { $0.isRunning = true } }

  func stop() async throws {
    runs.withLock { state in
      state.isRunning = false
      state.stops += 1
    }
  }

  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Stack<Float> {
    guard runs.withLock({ $0.isRunning }) else { throw NotStarted() }
    let sum = layers.values.reduce(0, +)
    return Stack(
      count: inputs.count, height: inputs.height, width: inputs.width, values: inputs.values.map { $0 * sum })
  }
}

/// Remembers what was shown.
final class FakeModulator: SpatialLightModulator {
  private struct State {
    var uploaded: [PatternHandle: Pattern] = [:]
    var shown: Pattern?
    var safeCount = 0
  }
  private let memory = Locked(State())

  let description: ModulatorDescription

  init(width: Int = 4, height: Int = 3) {
    description = ModulatorDescription(
      name: "layers", driver: "fake", width: width, height: height, greyLevels: 256, refreshRate: 60)
  }

  var state: DeviceState { get async { .ready } }

  /// The pattern on the panel; nil when it is the safe one.
  var shown: Pattern? { memory.withLock { $0.shown } }
  /// How often the safe pattern was asked for.
  var safeCount: Int { memory.withLock { $0.safeCount } }

  func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try patterns.map { pattern in
      guard pattern.width == description.width, pattern.height == description.height else {
        throw DeviceError.wrongPatternSize(
          device: description.name, expected: [description.width, description.height],
          found: [pattern.width, pattern.height])
      }
      return memory.withLock { state in
        let handle = PatternHandle(id: UInt64(state.uploaded.count))
        state.uploaded[handle] = pattern
        return handle
      }
    }
  }

  func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    memory.withLock { $0.shown = $0.uploaded[handle] }
    return PresentationReceipt(handle: handle, time: 0, evidence: .acknowledged)
  }

  func release(_ handles: [PatternHandle]) async {}

  func showSafePattern() async throws {
    memory.withLock { state in
      state.shown = nil
      state.safeCount += 1
    }
  }

  func reconnect() async throws { try await showSafePattern() }
}

/// Always delivers the same frame.
final class FakeCamera: Camera {
  let description = CameraDescription(name: "camera", driver: "fake", width: 3, height: 2, bitDepth: 12, frameRate: 100)
  var state: DeviceState { get async { .ready } }

  static let pixels: [UInt16] = [0, 1, 2, 1000, 4094, 4095]

  func apply(_ settings: CameraSettings) async throws -> CameraSettings { settings }
  func start() async throws {}
  func stop() async {}
  func reconnect() async throws {}

  func nextFrame(deadline: UInt64) async throws -> Frame {
    Frame(width: 3, height: 2, pixels: Self.pixels, sequence: 1, exposureStart: .max - 1, exposureEnd: .max)
  }
}
