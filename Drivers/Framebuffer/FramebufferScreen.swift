import CFramebuffer
import Devices
import Glibc

/// An opened framebuffer in its mode.
final class FramebufferScreen: ScanoutPanel {
  let geometry: FramebufferGeometry
  let pixels: PanelPixels
  let bufferCount: Int
  let reopening: ScanoutModulator.Opening
  var width: Int { geometry.width }
  var height: Int { geometry.height }
  var greyLevels: Int { pixels.greyLevels }
  /// Scan-outs per second: measured, else stated, else the lowest that is usual.
  var rate: Double { period.map { 1 / $0 } ?? geometry.statedRate ?? FramebufferGeometry.lowestRate }

  /// A framebuffer says nothing of the way from the card to the panel.
  var warnings: [String] { FramebufferEntry(number: 0, name: geometry.name).warnings }

  private let device: String
  private let file: OwnedDescriptor
  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int
  private let clock = MonotonicClock()
  /// Seconds from one vertical blank to the next, while waits for it are trusted.
  private var period: Double?

  /// Opens the device and shows the safe pattern at once.
  init(_ request: FramebufferRequest) throws {
    device = request.device
    file = try request.node().open(device: request.device)
    geometry = try FramebufferSetup.apply(request, to: file.number)
    guard let pixels = geometry.pixels else {
      throw DeviceError.unsupported(
        device: device,
        what: "the pixel layout of \(geometry.name) (\(geometry.text), type \(geometry.fixed.type), "
          + "visual \(geometry.fixed.visual))",
        supported: ["packed pixels of 8, 16, 24 or 32 bits with a bit field for each colour"])
    }
    try request.requireSafeLevel(on: pixels)
    self.pixels = pixels
    var again = request
    (again.width, again.height, again.bits) = (geometry.width, geometry.height, geometry.bits)
    reopening = { [again] in try FramebufferScreen(again) }
    byteCount = geometry.mappingOffset + Int(geometry.fixed.smem_len)
    guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0), memory != MAP_FAILED
    else { throw DeviceError.failed(device: device, operation: "mapping the memory", reason: errorText(errno)) }
    self.memory = memory
    var origin = geometry.variable
    (origin.xoffset, origin.yoffset) = (0, 0)
    let pans =
      (geometry.pages > 1 || !geometry.isAtOrigin) && ioctl(file.number, UInt(FBIOPAN_DISPLAY), &origin) == 0
    guard let bufferCount = geometry.bufferCount(afterMoving: pans) else {
      throw DeviceError.failed(
        device: device, operation: "moving the display to the beginning of its memory", reason: errorText(errno))
    }
    self.bufferCount = bufferCount
    let safe = Pattern(width: geometry.width, height: geometry.height, level: request.safeLevel)
    for buffer in 0..<bufferCount { write(safe, over: nil, to: buffer) }
    if geometry.hasColourMap { try FramebufferSetup.setIdentityColourMap(of: geometry, file.number, device: device) }
    // Refused by drivers that cannot blank, whose panels are never blank.
    _ = ioctl(file.number, UInt(FBIOBLANK), CInt(FB_BLANK_UNBLANK))
    period = measuredPeriod()
  }

  deinit { munmap(memory, byteCount) }

  // MARK: - Showing

  /// Writes all of it, since a console may have drawn over what was there.
  func write(_ pattern: Pattern, over _: Pattern?, to buffer: Int) {
    let start = memory + geometry.mappingOffset + buffer * geometry.height * geometry.stride
    pixels.pack(pattern, to: start, stride: geometry.stride)
    // Kernel drivers that copy what was drawn to the panel later do it now.
    fsync(file.number)
  }

  /// The kernel says nothing of the panel itself; what it does say is asked when a pattern is shown.
  func requirePresence() {}

  func present(_ buffer: Int) throws -> Presentation {
    if bufferCount > 1 {
      var position = geometry.variable
      (position.xoffset, position.yoffset) = (0, UInt32(buffer * geometry.height))
      guard ioctl(file.number, UInt(FBIOPAN_DISPLAY), &position) == 0 else { throw lost("moving the display", errno) }
    } else {
      // A copy costs no system call that could tell that the device is gone.
      guard FramebufferGeometry(file.number) != nil else { throw lost("drawing", errno) }
    }
    if let period {
      if waitIsTrue(period) { return Presentation(time: clock.now, evidence: .verticalBlank) }
      self.period = nil
    }
    return Presentation(time: clock.now, evidence: .estimated(bound: geometry.bound))
  }

  // MARK: - Vertical blank

  /// Waits for the vertical blank; the wait's duration in seconds, nil when it was refused.
  private func wait() -> Double? {
    var screen: UInt32 = 0
    let start = clock.now
    guard retryingInterrupted({ ioctl(file.number, odu_fb_wait_for_vertical_blank, &screen) }) == 0 else { return nil }
    return Double(clock.now - start) * 1e-9
  }

  /// Whether a wait was one. After a short one a second tells.
  private func waitIsTrue(_ period: Double) -> Bool {
    guard let first = wait() else { return false }
    if !VerticalBlankTrial.isSuspicious(first, period: period) { return true }
    return wait().map { VerticalBlankTrial.isProof($0, period: period) } ?? false
  }

  /// Times waits for the vertical blank; nil when they cannot be trusted. A busy machine gets three tries.
  private func measuredPeriod() -> Double? {
    for _ in 0..<3 {
      guard wait() != nil else { return nil }
      let intervals = (0..<VerticalBlankTrial.waits).compactMap { _ in wait() }
      if let period = VerticalBlankTrial.period(of: intervals) { return period }
    }
    return nil
  }

  private func lost(_ operation: String, _ code: Int32) -> DeviceError {
    [ENODEV, ENXIO, EIO].contains(code)
      ? .disconnected(device: device, reason: "\(operation): \(errorText(code))")
      : .failed(device: device, operation: operation, reason: errorText(code))
  }
}
