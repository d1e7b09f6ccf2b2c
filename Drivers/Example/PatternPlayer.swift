import Concurrency
import Devices
import Glibc

/// A modulator that holds patterns in its own memory and acknowledges each one that it shows.
public actor PatternPlayer: SpatialLightModulator {
  public nonisolated let description: ModulatorDescription
  public nonisolated var state: DeviceState { status.withLock { $0 } }
  /// The setting that a player is opened by is its serial number.
  public nonisolated var serial: String? { description.name }
  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let thread: DeviceThread
  private let reopen: @Sendable () throws -> any PlayerPort
  private let safe: Pattern
  private let clock: any BenchClock
  private let status = Locked(DeviceState.disconnected)
  private var port: (any PlayerPort)?
  private var held: Set<PatternHandle> = []
  private var lastID: UInt64 = 0

  /// Opens the player whose serial number is the setting `device`, and shows its safe pattern.
  /// - Throws: ``DeviceError``.
  public static func open(
    _ settings: Driver.Settings, on bus: any PlayerBus, clock: any BenchClock = MonotonicClock()
  ) async throws -> PatternPlayer {
    let settings = try PlayerSettings.declared.read(settings, device: "pattern player")
    let (serial, level) = (settings.serial, settings.safeLevel)
    let thread = DeviceThread(name: serial)
    let open: @Sendable () throws -> any PlayerPort = { try connect(serial, bus) }
    let port = try await DeviceOpening(on: thread).run { try open() }
    let player = PatternPlayer(name: serial, port: port, level: level, thread: thread, clock: clock, reopen: open)
    try await player.showSafePattern()
    return player
  }

  private init(
    name: String, port: any PlayerPort, level: UInt8, thread: DeviceThread, clock: any BenchClock,
    reopen: @escaping @Sendable () throws -> any PlayerPort
  ) {
    description = ModulatorDescription(
      name: name, driver: "player", width: port.width, height: port.height, greyLevels: 64, refreshRate: 60,
      uploadCount: 8)
    safe = Pattern(width: port.width, height: port.height, level: level)
    (self.port, self.thread, self.clock, self.reopen) = (port, thread, clock, reopen)
  }

  deinit { port?.close() }

  public func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try description.validate(patterns)
    var handles: [PatternHandle] = []
    do {
      for pattern in patterns {
        lastID += 1
        try perform("storing a pattern") { port throws(PortError) in try port.store(pattern.levels, in: lastID) }
        handles.append(PatternHandle(id: lastID))
      }
    } catch {
      for handle in handles { port?.erase(handle.id) }
      throw error
    }
    held.formUnion(handles)
    return handles
  }

  public func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    guard held.contains(handle) else { throw DeviceError.unknownPattern(device: description.name) }
    try perform("showing a pattern") { port throws(PortError) in try port.play(handle.id) }
    status.withLock { $0 = .running }
    return PresentationReceipt(handle: handle, time: clock.now, evidence: .acknowledged)
  }

  public func release(_ handles: [PatternHandle]) async {
    for handle in handles where held.remove(handle) != nil { port?.erase(handle.id) }
  }

  public func showSafePattern() async throws {
    try description.validate([safe])
    try perform("showing the safe pattern") { port throws(PortError) in
      try port.store(safe.levels, in: 0)
      try port.play(0)
    }
    status.withLock { $0 = .ready }
  }

  public func reconnect() async throws {
    close()
    let port = try reopen()
    self.port = port
    guard port.width == description.width, port.height == description.height else {
      close()
      throw DeviceError.notADevice(
        path: description.name, expected: "a panel of \(description.width) × \(description.height) pixels",
        found: "one of \(port.width) × \(port.height)")
    }
    try await showSafePattern()
  }

  private func close() {
    port?.close()
    port = nil
    held.removeAll()
    status.withLock { $0 = .disconnected }
  }

  /// Calls the device and says what its error means.
  private func perform(_ operation: String, _ body: (any PlayerPort) throws(PortError) -> Void) throws {
    let name = description.name
    guard let port else { throw DeviceError.disconnected(device: name, reason: "it has not been opened again") }
    do throws(PortError) {
      try body(port)
    } catch {
      switch error.code {
      case ENODEV:
        close()
        throw DeviceError.disconnected(device: name, reason: "it was unplugged while \(operation)")
      case ENOSPC:
        throw DeviceError.unsupported(device: name, what: "so many patterns at once", supported: ["room for 16"])
      default:
        let failure = DeviceError.failed(device: name, operation: operation, reason: errorText(error.code))
        status.withLock { $0 = .fault("\(failure)") }
        throw failure
      }
    }
  }

  private static func connect(_ serial: String, _ bus: any PlayerBus) throws -> any PlayerPort {
    do throws(PortError) {
      return try bus.open(serial)
    } catch {
      switch error.code {
      case ENOENT, ENODEV: throw DeviceError.absent(device: serial, present: bus.serials())
      case EACCES: throw DeviceError.noPermission(path: serial, group: "odu")
      case EBUSY: throw DeviceError.inUse(device: serial, reason: "another program has opened it; end that first")
      default: throw DeviceError.failed(device: serial, operation: "opening", reason: errorText(error.code))
      }
    }
  }
}
