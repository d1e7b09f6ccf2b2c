import Devices
import Measuring
import V4L2

/// A modulator without latency that does what the display drivers do with a pattern: it packs it into the pixels of a
/// scan-out buffer.
actor InstantModulator: SpatialLightModulator {
  nonisolated let description: ModulatorDescription
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
  let state = DeviceState.ready

  private let thread = DeviceThread(name: "modulator")
  private var buffers: [[UInt8]]
  private var next: UInt64 = 0

  init(width: Int, height: Int) {
    description = ModulatorDescription(
      name: "modulator", driver: "benchmark", width: width, height: height, greyLevels: 256, refreshRate: 1e6)
    buffers = Array(repeating: [UInt8](repeating: 0, count: 4 * width * height), count: 3)
  }

  func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try description.validate(patterns)
    return patterns.map { pattern in
      next += 1
      buffers[Int(next) % buffers.count].withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        PanelPixels.xrgb8888.pack(pattern, to: base, stride: 4 * pattern.width)
      }
      return PatternHandle(id: next)
    }
  }

  func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    PresentationReceipt(handle: handle, time: MonotonicClock().now, evidence: .flipEvent)
  }

  func release(_ handles: [PatternHandle]) async {}
  func showSafePattern() async throws {}
  func reconnect() async throws {}
}

/// A camera without latency that does what the driver does with a buffer: it unpacks 12 bits of each 16 into a frame. Its
/// buffers hold different noise.
actor InstantCamera: Camera {
  nonisolated let description: CameraDescription
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
  let state = DeviceState.running

  private let thread = DeviceThread(name: "camera")
  private let unpacker: Unpacker
  private let buffers: [[UInt16]]
  private var sequence: UInt64 = 0

  init(width: Int, height: Int) {
    description = CameraDescription(
      name: "camera", driver: "benchmark", width: width, height: height, bitDepth: 12, frameRate: 1e6)
    unpacker = Unpacker(
      format: .y16, width: width, height: height, bytesPerLine: 2 * width, bits: 12, justified: .left)
    // More than the matcher remembers.
    buffers = (0..<UInt64(FrameMatcher.memory + 1)).map { buffer in
      var generator = SystemRandomNumberGenerator()
      return (0..<width * height).map { _ in UInt16.random(in: 1000..<3000, using: &generator) << 4 }
    }
  }

  var settings: CameraSettings { get async { CameraSettings(exposure: 1e-3) } }
  func apply(_ settings: CameraSettings) async throws -> CameraSettings { settings }
  func start() async throws {}
  func stop() async {}
  func reconnect() async throws {}

  func nextFrame(deadline: UInt64) async throws -> Frame {
    let time = MonotonicClock().now
    let buffer = buffers[Int(sequence % UInt64(buffers.count))]
    let (pixels, flags) = buffer.withUnsafeBytes { unpacker.unpack($0) }
    sequence += 1
    return Frame(
      width: description.width, height: description.height, pixels: pixels, sequence: sequence, exposureStart: time,
      exposureEnd: time, flags: flags)
  }
}
