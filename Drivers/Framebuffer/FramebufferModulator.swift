import Devices

/// A panel behind a framebuffer of the kernel (`/dev/fb0`): the way for displays whose kernel driver offers no mode setting.
///
/// A pattern is on its way to the panel from the time of the receipt on; its last line gets there one scan-out later.
public actor FramebufferModulator: SpatialLightModulator {
  static let driverName = "framebuffer"

  public nonisolated let description: ModulatorDescription
  public private(set) var state = DeviceState.ready

  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private let thread: DeviceThread
  private let request: FramebufferRequest
  private var screen: FramebufferScreen?
  private var store: PanelStore

  /// Opens a framebuffer with the settings `device`, `width`, `height`, `bits` and `safeLevel`, and shows the safe pattern.
  /// - Throws: ``DeviceError``.
  public static func open(_ settings: Driver.Settings) async throws -> FramebufferModulator {
    let request = try FramebufferRequest(settings)
    let thread = DeviceThread(name: request.device)
    let screen = try await DeviceOpening(on: thread).run { try FramebufferScreen(request) }
    let modulator = FramebufferModulator(request, screen: screen, thread: thread)
    try await modulator.showSafePattern()
    return modulator
  }

  private init(_ request: FramebufferRequest, screen: sending FramebufferScreen, thread: DeviceThread) {
    let (width, height) = (screen.geometry.width, screen.geometry.height)
    description = ModulatorDescription(
      name: request.device, driver: Self.driverName, width: width, height: height,
      greyLevels: screen.pixels.greyLevels, refreshRate: screen.rate)
    store = PanelStore(
      safe: Pattern(width: width, height: height, level: request.safeLevel), bufferCount: screen.bufferCount)
    // The panel must come back as it was.
    var request = request
    (request.width, request.height, request.bits) = (width, height, screen.geometry.bits)
    self.request = request
    self.screen = screen
    self.thread = thread
  }

  public func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try description.validate(patterns)
    return store.upload(patterns, to: try opened())
  }

  public func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    let screen = try opened()
    let receipt = try watched { try store.show(handle, on: screen) }
    guard let receipt else { throw DeviceError.unknownPattern(device: description.name) }
    state = .running
    return receipt
  }

  public func release(_ handles: [PatternHandle]) async { store.release(handles) }

  public func showSafePattern() async throws {
    let screen = try opened()
    try watched { try store.showSafePattern(on: screen) }
    state = .ready
  }

  public func reconnect() async throws {
    screen = nil
    state = .disconnected
    do {
      let screen = try FramebufferScreen(request)
      store.reset(bufferCount: screen.bufferCount)
      self.screen = screen
    } catch let error as DeviceError {
      throw error.whileReconnecting(description.name)
    }
    try await showSafePattern()
  }

  private func opened() throws -> FramebufferScreen {
    guard let screen else { throw DeviceError.disconnected(device: description.name, reason: "it is not open") }
    return screen
  }

  /// Runs what may lose the device, and closes it when that happens.
  private func watched<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      if case DeviceError.disconnected = error {
        screen = nil
        state = .disconnected
      } else {
        state = .fault("\(error)")
      }
      throw error
    }
  }
}
