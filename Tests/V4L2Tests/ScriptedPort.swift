import BenchTestKit
import Concurrency
import Devices
import V4L2

/// A camera whose every answer a test has written. The driver asks it on one thread at a time.
final class ScriptedPort: CapturePort, @unchecked Sendable {
  /// Something that happens on the device at a time.
  enum Event {
    case frame(FilledBuffer, content: [UInt8])
    /// Dequeueing fails from now on.
    case failure(Int32)
    /// poll reports an error that dequeueing does not.
    case pollError
  }

  var identity = CameraIdentity(card: "Scripted", driver: "script", bus: "usb-1.2")
  var formats: [UInt32] = [PixelFormat.grey.fourCC]
  var offeredSizes: [FrameSizes] = []
  var current = ImageLayout(fourCC: PixelFormat.grey.fourCC, width: 4, height: 2, bytesPerLine: 4, size: 8)
  /// What becomes of a format that was asked for.
  var adjust: (inout ImageLayout) -> Void = { _ in }
  var regions: [RegionKind: SensorRegion] = [:]
  var adjustRegion: (inout SensorRegion) -> Void = { _ in }
  var period: Double? = 0.01
  var settablePeriod = true
  var controls: [UInt32: ControlRange] = [:]
  var values: [UInt32: Int] = [:]
  var names: [UInt32: String] = [:]
  /// What the sensor itself has got, which the driver does not report.
  private(set) var taken: [UInt32: Int] = [:]
  /// Whether the sensor forgets what it was told when the stream starts, and the driver goes on reporting it.
  var forgetsAtStart = false
  /// What the driver makes of a value without a word.
  var rounding: [UInt32: @Sendable (Int) -> Int] = [:]
  /// Controls that cannot be set, with the error.
  var refusing: [UInt32: Int32] = [:]
  /// A control that counts 0.1 ms up to the frame period, and is cut when that gets shorter.
  var controlWithinPeriod: UInt32?
  /// Error numbers of the calls that fail, by name.
  var failing: [String: Int32] = [:]
  var grantedBuffers: Int?

  private let clock: StageClock
  private var script: [(time: UInt64, event: Event)] = []
  private var contents: [[UInt8]] = []
  private var memory: [UnsafeMutableRawBufferPointer] = []
  private(set) var queued: [Int] = []
  private(set) var isStreaming = false
  private(set) var isClosed = false
  private(set) var starts = 0
  private(set) var longestWait = 0

  init(clock: StageClock) { self.clock = clock }

  deinit { for buffer in memory { buffer.deallocate() } }

  func at(_ time: UInt64, _ event: Event) { script.append((time, event)) }

  private func fail(_ operation: String) throws(PortError) {
    if let code = failing[operation] { throw PortError(operation, code) }
  }

  // MARK: - Setting up

  func pixelFormats() -> [UInt32] { formats }
  func sizes(of fourCC: UInt32) -> [FrameSizes] { offeredSizes }
  func layout() -> ImageLayout { current }

  func setLayout(fourCC: UInt32, width: Int, height: Int) throws(PortError) -> ImageLayout {
    try fail("setLayout")
    let row = PixelFormat(fourCC: fourCC)?.rowBytes(width: width) ?? width
    current = ImageLayout(fourCC: fourCC, width: width, height: height, bytesPerLine: row, size: row * height)
    adjust(&current)
    return current
  }

  func region(_ kind: RegionKind) throws(PortError) -> SensorRegion {
    guard let region = regions[kind] else { throw PortError("region", 25) }
    return region
  }

  func setRegion(_ region: SensorRegion) throws(PortError) {
    guard regions[.inForce] != nil else { throw PortError("setRegion", 25) }
    var region = region
    adjustRegion(&region)
    regions[.inForce] = region
  }

  func framePeriod() -> Double? { period }

  func setFramePeriod(_ seconds: Double) throws(PortError) {
    guard settablePeriod else { throw PortError("setFramePeriod", 25) }
    if isStreaming { throw PortError("setFramePeriod", 16) }
    period = seconds
    if let identifier = controlWithinPeriod, let range = control(identifier) {
      values[identifier] = min(value(of: identifier), range.values.upperBound)
    }
  }

  func control(_ identifier: UInt32) -> ControlRange? {
    var range = controls[identifier]
    if identifier == controlWithinPeriod, let period { range?.values = 1...Int((period * 1e4).rounded()) }
    return range
  }

  func value(of identifier: UInt32) -> Int { values[identifier] ?? controls[identifier]?.standard ?? 0 }

  func setValue(_ value: Int, of identifier: UInt32) throws(PortError) {
    try fail("setValue")
    if let code = refusing[identifier] { throw PortError("setValue", code) }
    let value = rounding[identifier]?(value) ?? value
    // As in the kernel, a value that is believed to be there goes no further.
    if values[identifier] != value || taken[identifier] == nil && starts == 0 { taken[identifier] = value }
    values[identifier] = value
  }

  func controlNames() -> [UInt32: String] { names }

  // MARK: - Streaming

  func allocateBuffers(_ count: Int) throws(PortError) -> Int {
    try fail("allocateBuffers")
    let count = grantedBuffers ?? count
    memory = (0..<count).map { _ in UnsafeMutableRawBufferPointer.allocate(byteCount: current.size, alignment: 16) }
    return count
  }

  func queue(_ buffer: Int) throws(PortError) {
    try fail("queue")
    queued.append(buffer)
  }

  func startStreaming() throws(PortError) {
    try fail("startStreaming")
    isStreaming = true
    starts += 1
    if forgetsAtStart { taken = [:] }
  }

  func wait(milliseconds: Int) throws(PortError) -> Readiness {
    longestWait = max(longestWait, milliseconds)
    let next = script.first?.time ?? .max
    clock.advance(to: min(clock.now + UInt64(milliseconds) * 1_000_000, max(next, clock.now)))
    guard let first = script.first, first.time <= clock.now else { return .nothing }
    if case .pollError = first.event { return .error }
    return .ready
  }

  func dequeue() throws(PortError) -> FilledBuffer? {
    guard isStreaming, let first = script.first, first.time <= clock.now else { return nil }
    switch first.event {
    case .failure(let code): throw PortError("dequeue", code)
    case .pollError: return nil
    case .frame(var buffer, let content):
      guard !queued.isEmpty else { return nil }
      script.removeFirst()
      let slot = queued.removeFirst()
      if buffer.index == 0 { buffer.index = slot }
      if memory.indices.contains(buffer.index) { memory[buffer.index].copyBytes(from: content.prefix(current.size)) }
      return buffer
    }
  }

  func content(of buffer: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory[buffer]) }

  func stopStreaming() {
    isStreaming = false
    queued = []
    for buffer in memory { buffer.deallocate() }
    memory = []
  }

  func close() {
    stopStreaming()
    isClosed = true
  }
}
