import Devices
import Measuring

/// A capture device from the time it was opened until it is closed, set up as the configuration says.
final class CaptureSession {
  let identity: CameraIdentity
  let description: CameraDescription
  private(set) var settings: CameraSettings

  private let port: any CapturePort
  private let configuration: CameraConfiguration
  private var controls: CameraControls
  private let stream: CaptureStream
  private let clock: any BenchClock
  private var isStreaming = false
  /// What follows from the format.
  private let formatWarnings: [String]

  /// What the camera may do to pictures although it was asked for something else.
  var warnings: [String] { formatWarnings + controls.warnings + controls.deviations }
  /// Those of the warnings that have a name.
  var effects: [DeviceEffect] { controls.effects }

  /// - Parameters:
  ///   - settings: what was in force before; nil applies those of the configuration.
  ///   - expected: the camera that it must be; nil for any.
  /// - Throws: ``DeviceError``.
  init(
    _ configuration: CameraConfiguration, applying settings: CameraSettings?, expecting expected: CameraIdentity? = nil,
    clock: any BenchClock, _ open: V4L2Camera.Opening
  ) throws {
    let port = try open(configuration)
    do {
      if let expected, !port.identity.matches(expected) {
        throw DeviceError.notADevice(
          path: configuration.device, expected: "\(expected), in use until now", found: "\(port.identity)")
      }
      let name = port.identity.card
      let negotiation = Negotiation(port: port, configuration: configuration, name: name)
      let (layout, unpacker) = try negotiation.run()
      formatWarnings = negotiation.warnings(unpacker)
      // After the format, which may give the controls other ranges and values.
      var controls = try CameraControls(port: port, configuration: configuration)
      try controls.prepare()
      let found = try controls.settingsInForce(statedRate: configuration.frameRate)
      let wanted =
        settings
        ?? CameraSettings(
          exposure: configuration.exposure ?? found.exposure, gain: configuration.gain ?? found.gain,
          frameRate: configuration.frameRate)
      let inForce = try controls.apply(wanted, inForce: found)
      self.controls = controls
      identity = port.identity
      description = CameraDescription(
        name: name, driver: "v4l2", width: layout.width, height: layout.height, bitDepth: unpacker.bits,
        frameRate: inForce.frameRate ?? 0)
      self.settings = inForce
      let timing = ExposureTiming(
        reading: configuration.timestamp, driver: port.identity.driver,
        exposure: controls.hasExposure || configuration.exposure != nil ? nanoseconds(inForce.exposure) : nil,
        period: Self.period(of: inForce), readout: configuration.readout.map(nanoseconds))
      stream = CaptureStream(port: port, layout: layout, unpacker: unpacker, timing: timing, clock: clock)
      self.port = port
      self.configuration = configuration
      self.clock = clock
    } catch {
      port.close()
      let name = port.identity.card
      throw (error as? PortError).map { deviceError($0, device: name, path: configuration.device) } ?? error
    }
  }

  func close() { port.close() }

  func start() throws {
    stop()
    stream.settingsSettled = 0
    try stream.start(buffers: configuration.buffers)
    isStreaming = true
    do { try reassert() } catch let error as PortError {
      stop()
      throw broken(error)
    }
  }

  /// Sets everything again that the start of the stream may have undone. Frames that began before it can be in force are
  /// flagged, whatever the camera reports.
  private func reassert() throws {
    guard controls.hasTargets else { return }
    let before = settings
    settings = try controls.reassert(before)
    adoptTiming(from: before)
    flagFrames(exposedWith: before)
  }

  func stop() {
    stream.stop()
    isStreaming = false
  }

  /// - Throws: `PortError`.
  var limits: CameraLimits { get throws { try controls.limits } }

  func next() throws -> Frame? { try stream.next() }

  func wait(milliseconds: Int) throws { try stream.wait(milliseconds: milliseconds) }

  func apply(_ wanted: CameraSettings) throws -> CameraSettings {
    let interrupts = isStreaming && wanted.frameRate.map { $0 != settings.frameRate } ?? false
    // Drivers refuse another frame rate while there are buffers.
    if interrupts { stream.stop() }
    let before = settings
    do {
      settings = try controls.apply(wanted, inForce: before)
    } catch let error as PortError {
      throw broken(error)
    } catch {
      if interrupts { try resume() }
      throw error
    }
    adoptTiming(from: before)
    if interrupts { try resume() }
    return settings
  }

  /// Continues with a stream that was interrupted.
  private func resume() throws {
    do {
      try stream.start(buffers: configuration.buffers, continuing: true)
      try reassert()
    } catch let error as PortError { throw broken(error) }
  }

  /// An error after which the camera's state is unknown: it has to be reopened, whatever the error was.
  private func broken(_ error: PortError) -> DeviceError {
    let failure = deviceError(error, device: description.name, path: configuration.device)
    return failure.mayRecover
      ? failure : .failed(device: description.name, operation: error.operation, reason: errorText(error.code))
  }

  /// A sensor takes up new settings one or two frames late: until then the longer exposure counts, and frames are
  /// flagged.
  private func adoptTiming(from before: CameraSettings) {
    guard settings != before else { return }
    stream.timing.period = Self.period(of: settings)
    if stream.timing.exposure != nil { stream.timing.exposure = nanoseconds(settings.exposure) }
    if isStreaming { flagFrames(exposedWith: before) }
  }

  private func flagFrames(exposedWith before: CameraSettings) {
    let longest = nanoseconds(max(settings.exposure, before.exposure))
    stream.settingsSettled = clock.now + 2 * max(Self.period(of: settings), longest) + longest
  }

  /// Nanoseconds from one frame to the next: no frame comes before its exposure is over.
  private static func period(of settings: CameraSettings) -> UInt64 {
    nanoseconds(max(1 / (settings.frameRate ?? 1), settings.exposure))
  }
}
