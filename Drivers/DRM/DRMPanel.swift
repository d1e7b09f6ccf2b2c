import CDRM
import Concurrency
import Devices
import Glibc

/// An opened panel: a leased connector in its mode, with buffers that it can show.
final class DRMPanel: ScanoutPanel {
  /// One on the panel, one for the pattern before it that is still held, one for the next, and one for the safe pattern.
  static let buffers = 4

  let mode: DRMMode
  var width: Int { mode.width }
  var height: Int { mode.height }
  var greyLevels: Int { PanelPixels.xrgb8888.greyLevels }
  var rate: Double { mode.rate }
  let reopening: ScanoutModulator.Opening
  var bufferCount: Int { buffers.count }
  /// How long a scan-out takes, in nanoseconds.
  let period: UInt64

  private let device: String
  private let route: DRMRoute
  private let lease: DRMLease
  private let output: any DRMOutput
  /// What may change grey levels on their way to the panel, although the driver asked for something else.
  let warnings: [String]
  let effects: [DeviceEffect]
  let serial: String?
  private let buffers: [DRMBuffer]
  /// The kernel's file that tells whether the panel is connected, which costs microseconds to read.
  private let status: OwnedDescriptor
  private let clock = MonotonicClock()
  /// Whether events come with the time of a vertical blank on the bench's clock.
  private var eventsAreTimed = false
  private var flips: UInt = 0

  /// Opens the panel and shows the safe pattern at once.
  init(_ request: DRMRequest, mode wanted: DRMModeRequest?) throws {
    let (node, connector) = try request.address()
    device = request.device
    (lease, route) = try Self.lease(node, connector: connector.name, mode: wanted, device: device)
    mode = route.mode
    let again = DRMModeRequest(width: route.mode.width, height: route.mode.height, rate: route.mode.rate)
    reopening = { try DRMPanel(request, mode: again) }
    period = nanoseconds(1 / route.mode.rate)
    let descriptor = lease.descriptor
    drmSetClientCap(descriptor, UInt64(DRM_CLIENT_CAP_UNIVERSAL_PLANES), 1)
    let atomic = request.atomic && drmSetClientCap(descriptor, UInt64(DRM_CLIENT_CAP_ATOMIC), 1) == 0
    let port = DRMDescriptorPort(descriptor: descriptor)
    let path = DRMPath(connector: route.connector.id, crtc: route.crtc, plane: route.plane)
    let output: any DRMOutput =
      (atomic ? DRMAtomicOutput(port: port, path: path, mode: route.mode) : nil)
      ?? DRMLegacyOutput(port: port, path: path, mode: route.mode)
    self.output = output
    serial = PanelSerial.number(on: connector.fullName)
    let (width, height, device) = (route.mode.width, route.mode.height, device)
    buffers = try (0..<Self.buffers).map { _ in
      try DRMBuffer(width: width, height: height, on: descriptor, device: device)
    }
    status = OwnedDescriptor(
      open("/sys/class/drm/\(connector.fullName)/status", O_RDONLY | O_CLOEXEC))
    let safe = Pattern(width: width, height: height, level: request.safeLevel)
    for buffer in buffers { buffer.write(safe, over: nil) }
    let code = output.setMode(showing: buffers[0].framebuffer)
    let findings = DRMFidelity(port: port, objects: path.objects).findings()
    effects = findings.effects
    warnings =
      findings.warnings
      + PanelPowerSaving.switchOff(connector.fullName)
      + Self.unknownRange(of: route.connector.name, port.properties(of: path.connector))
    try check(code, "setting the mode \(mode.text)")
    eventsAreTimed = hasMonotonicTime && hasVerticalBlanks
  }

  /// Two panels that are opened at once must not choose the same way.
  private static let choosing = Locked(false)

  private static func lease(_ node: DeviceNode, connector: String, mode: DRMModeRequest?, device: String) throws -> (
    DRMLease, DRMRoute
  ) {
    try choosing.withLock { _ in
      let share = try DRMCard.share(node, device: device)
      let route = try DRMRoute(to: connector, mode: mode, on: share.card, device: device)
      return (try DRMLease(share, route: route, device: device), route)
    }
  }

  /// Drivers without a property for it choose the range by the mode, or by what the panel says of itself.
  private static func unknownRange(of connector: String, _ properties: [DRMProperty]) -> [String] {
    guard connector.hasPrefix("HDMI"),
      !DRMRule.range.contains(where: { rule in
        properties.contains { rule.applies(to: $0, of: .connector) }
      })
    else { return [] }
    return [
      "this kernel driver does not tell the range of levels on HDMI (Broadcast RGB): in television modes it may send "
        + "0 to 255 as 16 to 235; show a ramp, or measure the phase of the highest level"
    ]
  }

  private var hasMonotonicTime: Bool {
    var value: UInt64 = 0
    return drmGetCap(lease.descriptor, UInt64(DRM_CAP_TIMESTAMP_MONOTONIC), &value) == 0 && value == 1
  }

  /// A kernel driver without vertical blanks reports every flip at once, which says nothing about the panel.
  private var hasVerticalBlanks: Bool {
    var (sequence, time) = (UInt64(0), UInt64(0))
    return drmCrtcGetSequence(lease.descriptor, route.crtc, &sequence, &time) == 0
  }

  // MARK: - Showing

  func write(_ pattern: Pattern, over old: Pattern?, to buffer: Int) { buffers[buffer].write(pattern, over: old) }

  /// Shows a buffer from the next vertical blank on, and waits for that.
  func present(_ buffer: Int) throws -> Presentation {
    try requirePresence()
    let submitted = clock.now
    let deadline = submitted + Self.patience(period: period)
    flips += 1
    try submit(buffers[buffer].framebuffer, before: deadline)
    while let events = DRMFlipEvent.next(on: lease.descriptor, before: deadline, clock: clock) {
      guard let event = events.first(where: { $0.tag == UInt64(flips) }) else { continue }
      let now = clock.now
      guard eventsAreTimed else { return Presentation(time: now, evidence: .estimated(bound: 2 * period)) }
      // No flip takes place before it was asked for, whatever the event says.
      return Presentation(time: max(event.time, submitted), evidence: .flipEvent)
    }
    throw lost("waiting for the page flip", errno)
  }

  /// How long a flip may take at most, in nanoseconds.
  package static func patience(period: UInt64) -> UInt64 { max(8 * period, 500_000_000) }

  /// Asks for a flip. One that timed out may still be under way, and the card takes no other until it is done.
  private func submit(_ framebuffer: UInt32, before deadline: UInt64) throws {
    while true {
      let code = output.flip(to: framebuffer, tag: flips)
      guard code == EBUSY else { return try check(code, "the page flip") }
      guard DRMFlipEvent.next(on: lease.descriptor, before: deadline, clock: clock) != nil else {
        throw lost("waiting for the page flip before", errno)
      }
    }
  }

  private func check(_ code: Int32, _ operation: String) throws {
    if code != 0 { throw lost(operation, code) }
  }

  // MARK: - What went wrong

  /// Throws when the kernel knows that the connector is empty, which costs microseconds.
  func requirePresence() throws {
    var text: UInt8 = 0
    let count = pread(status.number, &text, 1, 0)
    // `disconnected` begins with a letter that the other two states do not begin with.
    guard (count == 1 && text == UInt8(ascii: "d")) || (count < 0 && errno == ENODEV) else { return }
    throw DeviceError.disconnected(device: device, reason: "no panel is connected to \(route.connector.name)")
  }

  /// The error for a system call that did not do what it should.
  private func lost(_ operation: String, _ code: Int32) -> DeviceError {
    switch code {
    case ENODEV, ENXIO, EIO, ENOENT:
      return .disconnected(device: device, reason: "\(operation): \(errorText(code))")
    case EACCES, EPERM:
      return .inUse(device: device, reason: DRMHolder.describe(card: lease.card.number, path: lease.card.path))
    default: break
    }
    let connector = DRMConnector(route.connector.id, on: lease.descriptor, probing: true)
    guard let connector, !connector.isDisconnected else {
      return .disconnected(device: device, reason: "no panel is connected to \(route.connector.name)")
    }
    return .failed(device: device, operation: operation, reason: errorText(code))
  }
}
