import Concurrency
import Devices
import Measuring

/// A camera behind the kernel's V4L2 interface, with mapped buffers. `Docs/reference/drivers/v4l2.md` explains its settings.
public actor V4L2Camera: Camera {
  /// Opens the device of a configuration; tests put a scripted one in its place.
  package typealias Opening = @Sendable (CameraConfiguration) throws -> any CapturePort

  public nonisolated let description: CameraDescription
  public nonisolated var state: DeviceState {
    get async { currentState.withLock { $0 } }
  }

  public nonisolated var warnings: [String] {
    get async { currentWarnings.withLock { $0 } }
  }

  public nonisolated var effects: [DeviceEffect] {
    get async { currentEffects.withLock { $0 } }
  }

  public nonisolated var bus: String? {
    get async { currentBus.withLock { $0 } }
  }

  public nonisolated var serial: String? {
    get async { currentSerial.withLock { $0 } }
  }

  public nonisolated var settings: CameraSettings {
    get async { settingsInForce.withLock { $0 } }
  }

  private nonisolated let settingsInForce: Locked<CameraSettings>
  private nonisolated let currentState = Locked(DeviceState.ready)
  private nonisolated let currentWarnings: Locked<[String]>
  private nonisolated let currentEffects: Locked<[DeviceEffect]>
  private nonisolated let currentBus: Locked<String?>
  private nonisolated let currentSerial: Locked<String?>
  private let thread: DeviceThread
  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let configuration: CameraConfiguration
  private let open: Opening
  private let clock: any BenchClock
  private let identity: CameraIdentity
  private var session: CaptureSession?

  /// Opens the camera that bench file settings name.
  ///
  /// - Throws: ``DeviceError``.
  public static func open(_ settings: Driver.Settings, clock: any BenchClock = MonotonicClock()) async throws
    -> V4L2Camera
  {
    let configuration = try CameraConfiguration(settings)
    return try await open(configuration, clock: clock) { try DevicePort(CaptureNode(path: $0.device)) }
  }

  package static func open(
    _ configuration: CameraConfiguration, clock: any BenchClock, _ open: @escaping Opening
  ) async throws -> V4L2Camera {
    let thread = DeviceThread(name: configuration.device)
    return try await DeviceOpening(on: thread).run {
      try V4L2Camera(configuration, thread: thread, clock: clock, open)
    }
  }

  private init(
    _ configuration: CameraConfiguration, thread: DeviceThread, clock: any BenchClock, _ open: @escaping Opening
  ) throws {
    let session = try CaptureSession(configuration, applying: nil, clock: clock, open)
    self.configuration = configuration
    self.thread = thread
    self.clock = clock
    self.open = open
    identity = session.identity
    settingsInForce = Locked(session.settings)
    description = session.description
    currentWarnings = Locked(session.warnings)
    currentEffects = Locked(session.effects)
    currentBus = Locked(session.identity.usb)
    currentSerial = Locked(session.identity.serial)
    self.session = session
  }

  // MARK: - Camera

  /// Exposure and gain take effect in the middle of a stream; frames that may still have been taken with the old
  /// settings are flagged. Another frame rate interrupts the stream for as long as the camera needs.
  ///
  /// - Throws: ``DeviceError/unsupported(device:what:supported:)`` for what the camera has no control for, and
  ///   ``DeviceError/invalidSetting(device:setting:value:accepted:)`` with the range.
  public func apply(_ settings: CameraSettings) async throws -> CameraSettings {
    try whileOpen { session in
      defer { noteWarnings(of: session) }
      let applied = try session.apply(settings)
      note(applied)
      return applied
    }
  }

  public var limits: CameraLimits {
    get async { (try? whileOpen { try $0.limits }) ?? CameraLimits() }
  }

  public func start() async throws {
    if session == nil { try reopen() }
    try whileOpen { session in
      try session.start()
      note(session.settings)
      noteWarnings(of: session)
    }
    note(.running)
  }

  public func stop() async {
    session?.stop()
    if isRunning { note(.ready) }
  }

  public func nextFrame(deadline: UInt64) async throws -> Frame {
    while true {
      try Task.checkCancellation()
      guard isRunning else { throw DeviceError.notRunning(device: description.name) }
      if let frame = try whileOpen({ try $0.next() }) { return frame }
      let now = clock.now
      guard now < deadline else { throw DeviceError.noFrame(device: description.name) }
      let milliseconds = min((deadline - now) / 1_000_000 + 1, Self.slice)
      try whileOpen { try $0.wait(milliseconds: Int(milliseconds)) }
      // Lets a stop and questions about the state through.
      await Task.yield()
    }
  }

  /// The longest wait, in milliseconds, after which a cancellation is noticed.
  private static let slice: UInt64 = 20

  /// - Throws: ``DeviceError/disconnected(device:reason:)`` while the camera is not there or may not be opened yet,
  ///   ``DeviceError/notADevice(path:expected:found:)`` when another one is at its path, ``DeviceError`` else.
  public func reconnect() async throws { try reopen() }

  private var isRunning: Bool { currentState.withLock { $0 == .running } }

  private func note(_ settings: CameraSettings) { settingsInForce.withLock { $0 = settings } }

  private func note(_ state: DeviceState) { currentState.withLock { $0 = state } }

  private func noteWarnings(of session: CaptureSession) {
    let (warnings, effects) = (session.warnings, session.effects)
    currentWarnings.withLock { $0 = warnings }
    currentEffects.withLock { $0 = effects }
  }

  // MARK: - Reopening

  private func reopen() throws {
    session?.close()
    session = nil
    note(.disconnected)
    do {
      let session = try CaptureSession(
        configuration, applying: settingsInForce.withLock { $0 }, expecting: identity, clock: clock, open)
      guard session.description.hasSameFrames(as: description) else {
        session.close()
        throw DeviceError.notADevice(
          path: configuration.device,
          expected: "the camera in use until now, with \(description.width)×\(description.height) pixels",
          found: "one with \(session.description.width)×\(session.description.height)")
      }
      note(session.settings)
      let (serial, bus) = (session.identity.serial, session.identity.usb)
      currentSerial.withLock { $0 = serial }
      currentBus.withLock { $0 = bus }
      self.session = session
      noteWarnings(of: session)
      note(.ready)
    } catch let error as DeviceError {
      let error = awaited(error)
      note(error.mayRecover ? .disconnected : .fault("\(error)"))
      throw error
    }
  }

  /// As the bench is to hear of it: under the name of the camera, and as unplugged while its node is not back.
  private func awaited(_ error: DeviceError) -> DeviceError {
    switch error.whileReconnecting(description.name) {
    case .disconnected(_, let reason): .disconnected(device: description.name, reason: reason)
    case .failed(_, let operation, let reason):
      .failed(device: description.name, operation: operation, reason: reason)
    case let other: other
    }
  }

  /// Does something with the open device. An error after which it has to be reopened closes it.
  private func whileOpen<Result>(_ body: (CaptureSession) throws -> Result) throws -> Result {
    guard let session else {
      throw DeviceError.disconnected(device: description.name, reason: "it was closed after an error")
    }
    do {
      return try body(session)
    } catch {
      let error =
        (error as? PortError).map { deviceError($0, device: description.name, path: configuration.device) } ?? error
      if let error = error as? DeviceError, error.mayRecover {
        session.close()
        self.session = nil
        if case .disconnected = error { note(.disconnected) } else { note(.fault("\(error)")) }
      }
      throw error
    }
  }
}

extension CameraDescription {
  fileprivate func hasSameFrames(as other: CameraDescription) -> Bool {
    (name, width, height, bitDepth) == (other.name, other.width, other.height, other.bitDepth)
  }
}
