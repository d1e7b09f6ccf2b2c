import Devices

/// A panel that hangs on a graphics card like a monitor, driven through the kernel's mode setting (DRM/KMS), without a
/// desktop.
///
/// A pattern is on its way to the panel from the vertical blank of the receipt on; its last line gets there one scan-out
/// later.
public actor DRMModulator: SpatialLightModulator {
  static let driverName = "drm"

  public nonisolated let description: ModulatorDescription
  public private(set) var state = DeviceState.ready

  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let thread: DeviceThread
  private let request: DRMRequest
  private var panel: DRMPanel?
  private var store: PanelStore

  /// Opens a panel with the settings `device`, `card`, `mode`, `atomic` and `safeLevel`, and shows the safe pattern.
  /// - Throws: ``DeviceError``.
  public static func open(_ settings: Driver.Settings) async throws -> DRMModulator {
    let request = try DRMRequest(settings)
    let thread = DeviceThread(name: request.device)
    let panel = try await DeviceOpening(on: thread).run { try DRMPanel(request, mode: request.mode) }
    let modulator = DRMModulator(request, panel: panel, thread: thread)
    try await modulator.showSafePattern()
    return modulator
  }

  private init(_ request: DRMRequest, panel: sending DRMPanel, thread: DeviceThread) {
    let mode = panel.mode
    description = ModulatorDescription(
      name: request.device, driver: Self.driverName, width: mode.width, height: mode.height,
      greyLevels: PanelPixels.xrgb8888.greyLevels, refreshRate: mode.rate)
    store = PanelStore(
      safe: Pattern(width: mode.width, height: mode.height, level: request.safeLevel), bufferCount: panel.bufferCount)
    self.request = request
    self.panel = panel
    self.thread = thread
  }

  public func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try description.validate(patterns)
    return store.upload(patterns, to: try opened())
  }

  public func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    let panel = try opened()
    let receipt = try watched { try store.show(handle, on: panel) }
    guard let receipt else { throw DeviceError.unknownPattern(device: description.name) }
    state = .running
    return receipt
  }

  public func release(_ handles: [PatternHandle]) async { store.release(handles) }

  public func showSafePattern() async throws {
    let panel = try opened()
    try watched { try store.showSafePattern(on: panel) }
    state = .ready
  }

  public func reconnect() async throws {
    panel = nil
    state = .disconnected
    let mode = DRMModeRequest(
      width: description.width, height: description.height, rate: description.refreshRate)
    do {
      let panel = try DRMPanel(request, mode: mode)
      store.reset(bufferCount: panel.bufferCount)
      self.panel = panel
    } catch let error as DeviceError {
      throw error.whileReconnecting(description.name)
    }
    try await showSafePattern()
  }

  private func opened() throws -> DRMPanel {
    guard let panel else { throw DeviceError.disconnected(device: description.name, reason: "it is not open") }
    return panel
  }

  /// Runs what may lose the panel, and closes it when that happens.
  private func watched<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      if case DeviceError.disconnected = error {
        panel = nil
        state = .disconnected
      } else {
        state = .fault("\(error)")
      }
      throw error
    }
  }
}
