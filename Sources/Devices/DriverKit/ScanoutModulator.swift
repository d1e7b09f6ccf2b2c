import Concurrency

/// A panel of a display: what a ``ScanoutModulator`` drives.
package protocol ScanoutPanel: ScanoutBuffers {
  /// Pixels.
  var width: Int { get }
  var height: Int { get }
  var greyLevels: Int { get }
  /// Scan-outs per second.
  var rate: Double { get }
  /// Opens the same panel again, in the mode that it is in, once this one is gone.
  var reopening: ScanoutModulator.Opening { get }
  /// What may be on the panel in place of what it should show, and could not be corrected.
  var warnings: [String] { get }
  /// Those of the warnings that have a name.
  var effects: [DeviceEffect] { get }
  /// The panel's own serial number; nil when it has none.
  var serial: String? { get }
  /// Throws ``DeviceError/disconnected(device:reason:)`` when the panel is known to be gone; takes microseconds.
  func requirePresence() throws
}

extension ScanoutPanel {
  package var warnings: [String] { [] }
  package var effects: [DeviceEffect] { [] }
  package var serial: String? { nil }
}

/// A modulator that the machine treats as a display.
///
/// A pattern is on its way to the panel from the time of the receipt on; its last line gets there one scan-out later.
package actor ScanoutModulator: SpatialLightModulator {
  /// Opens a panel and shows the safe pattern at once; on a thread that may block.
  package typealias Opening = @Sendable () throws -> sending any ScanoutPanel

  package nonisolated let description: ModulatorDescription
  package nonisolated var state: DeviceState {
    get async { currentState.withLock { $0 } }
  }
  package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  package nonisolated var warnings: [String] {
    get async { currentWarnings.withLock { $0 } }
  }

  package nonisolated var effects: [DeviceEffect] {
    get async { currentEffects.withLock { $0 } }
  }

  package nonisolated var serial: String? {
    get async { currentSerial.withLock { $0 } }
  }

  private nonisolated let currentState = Locked(DeviceState.ready)
  private nonisolated let currentWarnings: Locked<[String]>
  private nonisolated let currentEffects: Locked<[DeviceEffect]>
  private nonisolated let currentSerial: Locked<String?>
  private let thread: DeviceThread
  private let reopening: Opening
  private var panel: (any ScanoutPanel)?
  private var store: PanelStore

  /// Opens a panel and shows the safe pattern.
  /// - Throws: ``DeviceError``.
  package static func open(
    name: String, driver: String, safeLevel: UInt8, _ opening: @escaping Opening
  ) async throws -> ScanoutModulator {
    let thread = DeviceThread(name: name)
    let panel = try await DeviceOpening(on: thread).run { try opening() }
    let modulator = ScanoutModulator(panel, name: name, driver: driver, safeLevel: safeLevel, thread: thread)
    try await modulator.showSafePattern()
    return modulator
  }

  private init(
    _ panel: sending any ScanoutPanel, name: String, driver: String, safeLevel: UInt8, thread: DeviceThread
  ) {
    description = ModulatorDescription(
      name: name, driver: driver, width: panel.width, height: panel.height, greyLevels: panel.greyLevels,
      refreshRate: panel.rate, scanOut: 1 / panel.rate)
    store = PanelStore(
      safe: Pattern(width: panel.width, height: panel.height, level: safeLevel), bufferCount: panel.bufferCount)
    reopening = panel.reopening
    currentWarnings = Locked(panel.warnings)
    currentEffects = Locked(panel.effects)
    currentSerial = Locked(panel.serial)
    self.panel = panel
    self.thread = thread
  }

  package func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try description.validate(patterns)
    return store.upload(patterns, to: try opened())
  }

  package func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    let panel = try opened()
    let receipt = try watched { try store.show(handle, on: panel) }
    guard let receipt else { throw DeviceError.unknownPattern(device: description.name) }
    note(.running)
    return receipt
  }

  package func release(_ handles: [PatternHandle]) async { store.release(handles) }

  package func showSafePattern() async throws {
    let panel = try opened()
    try watched { try store.showSafePattern(on: panel) }
    note(.ready)
  }

  package func requirePresence() async throws {
    let panel = try opened()
    try watched { try panel.requirePresence() }
  }

  package func reconnect() async throws {
    panel = nil
    note(.disconnected)
    do {
      let panel = try reopening()
      store.reset(bufferCount: panel.bufferCount)
      let (warnings, effects, serial) = (panel.warnings, panel.effects, panel.serial)
      currentWarnings.withLock { $0 = warnings }
      currentEffects.withLock { $0 = effects }
      currentSerial.withLock { $0 = serial }
      self.panel = panel
    } catch let error as DeviceError {
      throw error.whileReconnecting(description.name)
    }
    try await showSafePattern()
  }

  private func opened() throws -> any ScanoutPanel {
    guard let panel else { throw DeviceError.disconnected(device: description.name, reason: "it is not open") }
    return panel
  }

  private func note(_ state: DeviceState) { currentState.withLock { $0 = state } }

  /// Runs what may lose the panel, and closes it when that happens.
  private func watched<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      if case DeviceError.disconnected = error {
        panel = nil
        note(.disconnected)
      } else {
        note(.fault("\(error)"))
      }
      throw error
    }
  }
}
