import Concurrency
import Devices

/// A micromirror panel behind a TI DLPC900, over USB, in its mode "pattern on the fly".
///
/// Patterns are packed into images of 24 bits per pixel, one for each batch that is uploaded together. The device holds
/// one image. To show a pattern it repeats the one entry of its pattern table without end; only the first pattern of
/// another batch makes it load anything.
public actor DLPC900Modulator: SpatialLightModulator {
  /// Patterns that were packed together.
  private struct Batch {
    let count: Int
    /// One for each controller.
    let images: [[UInt8]]

    var size: Int { images.reduce(0) { $0 + $1.count } }
  }

  private struct Place {
    let batch: UInt64
    let index: Int
  }

  /// How often a status is read before the device counts as stuck; about a second.
  private static let pollLimit = 500
  /// The batch that holds nothing but the safe pattern.
  private static let safeBatch: UInt64 = 0

  public nonisolated let description: ModulatorDescription
  public nonisolated var state: DeviceState {
    get async { currentState.withLock { $0 } }
  }
  public nonisolated var serial: String? {
    get async { currentSerial.withLock { $0 } }
  }
  public nonisolated var bus: String? {
    get async { currentBus.withLock { $0 } }
  }
  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  private nonisolated let thread: DeviceThread
  private nonisolated let currentState = Locked(DeviceState.ready)
  private nonisolated let currentSerial: Locked<String?>
  private nonisolated let currentBus: Locked<String?>
  private nonisolated let settings: DLPC900Settings
  private nonisolated let panel: DLPC900Panel
  private nonisolated let clock: any BenchClock
  private let connect: @Sendable () throws -> any HIDTransport
  /// Bytes of encoded images that are kept for the device.
  private let heldLimit: Int

  /// Nil after a reconnection that failed.
  private var link: CommandLink?
  private var batches: [UInt64: Batch] = [:]
  private var places: [PatternHandle: Place] = [:]
  private var heldSize = 0
  private var nextBatch: UInt64 = 1
  private var nextPattern: UInt64 = 1
  /// The batch that is in the device.
  private var loaded: UInt64?

  private init(
    settings: DLPC900Settings, panel: DLPC900Panel, transport: any HIDTransport, clock: any BenchClock,
    thread: DeviceThread, heldLimit: Int, connect: @escaping @Sendable () throws -> any HIDTransport
  ) {
    self.settings = settings
    self.panel = panel
    self.clock = clock
    self.thread = thread
    self.connect = connect
    self.heldLimit = heldLimit
    description = ModulatorDescription(
      name: settings.selection.deviceName, driver: Self.driverName, width: panel.width, height: panel.height,
      greyLevels: 1 << settings.bitDepth, refreshRate: 1 / (settings.exposure + settings.darkTime),
      uploadCount: settings.patternsPerImage)
    currentSerial = Locked(transport.serial)
    currentBus = Locked(transport.bus)
    link = CommandLink(device: settings.selection.deviceName, transport: transport, clock: clock)
    let safe = Pattern(width: panel.width, height: panel.height, level: settings.safeLevel)
    batches[Self.safeBatch] = Batch(count: 1, images: Self.encode([safe], for: panel, settings: settings))
  }

  /// Connects to the device, wakes it up, asks what it is and shows the safe pattern.
  /// - Throws: ``DeviceError``.
  package static func open(
    settings: DLPC900Settings, clock: any BenchClock = MonotonicClock(), heldLimit: Int = 256 << 20,
    connect: @escaping @Sendable () throws -> any HIDTransport
  ) async throws -> DLPC900Modulator {
    let thread = DeviceThread(name: driverName)
    let (transport, panel) = try await DeviceOpening(on: thread).run {
      let transport = try connect()
      var link = CommandLink(device: settings.selection.deviceName, transport: transport, clock: clock)
      return (transport, try link.prepare(panel: settings.panel))
    }
    let modulator = DLPC900Modulator(
      settings: settings, panel: panel, transport: transport, clock: clock, thread: thread, heldLimit: heldLimit,
      connect: connect)
    try await modulator.showSafePattern()
    return modulator
  }

  // MARK: - Patterns

  /// Packs and compresses the patterns, ``ModulatorDescription/uploadCount`` at a time, and leaves the device alone.
  public nonisolated func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try description.validate(patterns)
    var handles: [PatternHandle] = []
    do {
      for start in stride(from: 0, to: patterns.count, by: settings.patternsPerImage) {
        try Task.checkCancellation()
        let part = patterns[start..<min(start + settings.patternsPerImage, patterns.count)]
        handles += try await hold(
          Batch(count: part.count, images: Self.encode(part, for: panel, settings: settings)))
      }
    } catch {
      await release(handles)
      throw error
    }
    return handles
  }

  public func release(_ handles: [PatternHandle]) async {
    for handle in handles { places[handle] = nil }
    let used = Set(places.values.map(\.batch))
    for id in batches.keys where id != Self.safeBatch && !used.contains(id) {
      heldSize -= batches.removeValue(forKey: id)?.size ?? 0
    }
  }

  private func hold(_ batch: Batch) throws -> [PatternHandle] {
    guard heldSize + batch.size <= heldLimit else {
      throw DeviceError.unsupported(
        device: description.name, what: "holding more than \(heldLimit) bytes of compressed patterns",
        supported: ["room for more once patterns are released"])
    }
    let id = nextBatch
    nextBatch += 1
    heldSize += batch.size
    batches[id] = batch
    return (0..<batch.count).map { index in
      let handle = PatternHandle(id: nextPattern)
      nextPattern += 1
      places[handle] = Place(batch: id, index: index)
      return handle
    }
  }

  private static func encode(_ patterns: ArraySlice<Pattern>, for panel: DLPC900Panel, settings: DLPC900Settings)
    -> [[UInt8]]
  {
    let share = panel.width / panel.controllers.count
    return panel.controllers.indices.map { part in
      PatternImage(packing: patterns, bitDepth: settings.bitDepth, columns: part * share..<(part + 1) * share)
        .encoded(settings.compression, copiesPreviousLine: settings.copiesPreviousLine)
    }
  }

  // MARK: - Showing

  /// Shows a pattern until another is shown; loads its batch first when that is not in the device.
  ///
  /// The receipt follows a status that was read after the start and says that the sequencer runs, after one that said
  /// that it stood still. Since its table has no other entry, the pattern is on the panel at the latest after one
  /// exposure and dark time, which is the bound of the receipt. The device tells nothing more precise.
  public func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    guard let place = places[handle] else { throw DeviceError.unknownPattern(device: description.name) }
    try present(batch: place.batch, index: place.index, as: .running)
    return PresentationReceipt(
      handle: handle, time: clock.now,
      evidence: .estimated(bound: nanoseconds(settings.exposure + settings.darkTime)))
  }

  public func showSafePattern() async throws { try present(batch: Self.safeBatch, index: 0, as: .ready) }

  public func reconnect() async throws {
    // Closed first, since the interface can be claimed once only.
    link = nil
    loaded = nil
    await release(Array(places.keys))
    do {
      let transport = try connect()
      var link = CommandLink(device: description.name, transport: transport, clock: clock)
      try link.prepare(panel: panel)
      self.link = link
      currentSerial.withLock { $0 = transport.serial }
      currentBus.withLock { $0 = transport.bus }
      try present(batch: Self.safeBatch, index: 0, as: .ready)
    } catch {
      let failure = (error as? DeviceError)?.whileReconnecting(description.name) ?? error
      note(failure)
      throw failure
    }
  }

  private func present(batch id: UInt64, index: Int, as state: DeviceState) throws {
    guard let batch = batches[id] else { throw DeviceError.unknownPattern(device: description.name) }
    guard var link else { throw DeviceError.disconnected(device: description.name, reason: "it was not found again") }
    defer { self.link = link }
    do {
      try stop(&link)
      if loaded != id { try load(batch, id: id, &link) }
      try link.send(.reorder([UInt16(index)]))
      try link.send(.sequencer(.start))
      try wait(&link, for: "starting the sequence") { $0.contains(.sequencerRuns) }
      currentState.withLock { $0 = state }
    } catch {
      // What the device holds after an error is not known.
      loaded = nil
      note(error)
      throw error
    }
  }

  private func stop(_ link: inout CommandLink) throws {
    try link.send(.sequencer(.stop))
    try wait(&link, for: "stopping the sequence") { !$0.contains(.sequencerRuns) }
  }

  /// Defines the pattern table and loads the images that it refers to; a change of the table makes the device forget
  /// them.
  private func load(_ batch: Batch, id: UInt64, _ link: inout CommandLink) throws {
    loaded = nil
    try selectMode(&link)
    for index in 0..<batch.count { try link.send(.define(settings.definition(ofPattern: index))) }
    try link.send(.configureTable(entries: UInt16(batch.count)))
    for (controller, image) in zip(panel.controllers, batch.images) {
      try link.send(.beginLoad(image: 0, bytes: image.count, on: controller))
      for start in stride(from: 0, to: image.count, by: Command.loadSize) {
        // Nothing keeps the safe pattern from the panel.
        if id != Self.safeBatch { try Task.checkCancellation() }
        let end = min(start + Command.loadSize, image.count)
        try link.send(.load(image[start..<end], on: controller))
      }
      try link.checkLastCommand("loading an image")
    }
    loaded = id
  }

  private func selectMode(_ link: inout CommandLink) throws {
    let mode = Command.DisplayMode.patternOnTheFly
    guard try link.byte(.readDisplayMode) & 3 != mode.rawValue else { return }
    try link.send(.select(mode))
    for _ in 0..<Self.pollLimit where try link.byte(.readDisplayMode) & 3 == mode.rawValue { return }
    throw DeviceError.failed(
      device: description.name, operation: "selecting the display mode", reason: "the device stays in another mode")
  }

  private func wait(_ link: inout CommandLink, for operation: String, _ isDone: (MainStatus) -> Bool) throws {
    for _ in 0..<Self.pollLimit where isDone(MainStatus(rawValue: try link.byte(.readMainStatus))) { return }
    let status = HardwareStatus(rawValue: try link.byte(.readHardwareStatus))
    throw DeviceError.failed(
      device: description.name, operation: operation,
      reason: status.fault(needsSecondary: panel.controllers.count > 1) ?? status.sequenceFault
        ?? "the sequencer does not respond to the command")
  }

  private func note(_ error: any Error) {
    let new: DeviceState? =
      switch error {
      case is CancellationError: nil
      case DeviceError.disconnected: .disconnected
      default: .fault("\(error)")
      }
    if let new { currentState.withLock { $0 = new } }
  }
}
