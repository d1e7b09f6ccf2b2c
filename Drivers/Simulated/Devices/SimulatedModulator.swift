import Concurrency
import Devices

/// A simulated modulator: a panel that waits for its vertical blank, then changes after a latency and takes a while to
/// come to rest.
public final class SimulatedModulator: SpatialLightModulator {
  public let description: ModulatorDescription

  private struct Storage {
    var state = DeviceState.ready
    var nextID: UInt64 = 1
    var patterns: [PatternHandle: Pattern] = [:]
    var timeline: PanelTimeline
  }

  public var serial: String? { get async { panelSerial } }

  private let panelSerial: String?
  private let isLimited: Bool
  private let clock: VirtualClock
  private let refreshPeriod: UInt64
  private let latency: UInt64
  /// How far back an exposure can reach that is asked for later, in nanoseconds.
  private let memory: UInt64
  private let safe: PanelTimeline.Content
  private let settle: UInt64
  /// Of a change to less light; nil when it takes as long as any other.
  private let fall: UInt64?
  private let storage: Locked<Storage>
  private let prepare: @Sendable ([PanelTimeline.Content]) async -> Void

  /// - Parameters:
  ///   - memory: how far back an exposure can reach that is asked for later, in nanoseconds.
  ///   - prepare: called with uploaded patterns before ``upload(_:)`` returns.
  init(
    name: String, panel: SimulatedPanel, clock: VirtualClock, memory: UInt64,
    prepare: @escaping @Sendable ([PanelTimeline.Content]) async -> Void = { _ in }
  ) {
    description = ModulatorDescription(
      name: name, driver: SimulatedBench.driverName, width: panel.width, height: panel.height,
      greyLevels: panel.greyLevels, refreshRate: panel.refreshRate, uploadCount: 64)
    panelSerial = panel.serial
    isLimited = panel.limited
    self.clock = clock
    self.memory = memory
    self.prepare = prepare
    refreshPeriod = nanoseconds(1 / panel.refreshRate)
    latency = nanoseconds(panel.latency)
    safe = PanelTimeline.Content(
      handle: PatternHandle(id: 0), pattern: Pattern(width: panel.width, height: panel.height))
    settle = nanoseconds(panel.settle)
    fall = panel.fall.map { nanoseconds($0) }
    storage = Locked(Storage(timeline: PanelTimeline(initial: safe)))
    clock.register(settling: latency + max(settle, fall ?? 0)) { [weak self] in self?.rest() }
  }

  /// The safe pattern has always been on the panel.
  private func rest() {
    storage.withLock { storage in
      storage.timeline = PanelTimeline(initial: safe)
      storage.state = .ready
    }
  }

  public var state: DeviceState {
    get async { storage.withLock { $0.state } }
  }

  public func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try description.validate(patterns)
    let contents = storage.withLock { storage in
      patterns.map { sent in
        let pattern = isLimited ? sent.expandedFromTelevision : sent
        let handle = PatternHandle(id: storage.nextID)
        storage.nextID += 1
        storage.patterns[handle] = pattern
        return PanelTimeline.Content(handle: handle, pattern: pattern)
      }
    }
    await prepare(contents)
    return contents.map(\.handle)
  }

  public func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    guard let pattern = storage.withLock({ $0.patterns[handle] }) else {
      throw DeviceError.unknownPattern(device: description.name)
    }
    let content = PanelTimeline.Content(handle: handle, pattern: pattern)
    return PresentationReceipt(handle: handle, time: present(content, as: .running), evidence: .verticalBlank)
  }

  public func release(_ handles: [PatternHandle]) async {
    storage.withLock { storage in
      for handle in handles { storage.patterns[handle] = nil }
    }
  }

  public func showSafePattern() async throws { _ = present(safe, as: .ready) }

  public func reconnect() async throws {
    storage.withLock { $0.patterns = [:] }
    try await showSafePattern()
  }

  /// Waits for the vertical blank and puts the content on the panel there.
  private func present(_ content: PanelTimeline.Content, as state: DeviceState) -> UInt64 {
    let blank = (clock.now / refreshPeriod + 1) * refreshPeriod
    storage.withLock { storage in
      if clock.now > memory { storage.timeline.forget(before: clock.now - memory) }
      let duration = duration(from: storage.timeline.current, to: content)
      storage.timeline.change(to: content, at: blank + latency, taking: duration)
      storage.state = state
    }
    clock.advance(to: blank)
    return blank
  }

  private func duration(from old: PanelTimeline.Content?, to new: PanelTimeline.Content) -> UInt64 {
    guard let fall, let old else { return settle }
    func light(_ content: PanelTimeline.Content) -> Int { content.pattern.levels.reduce(0) { $0 + Int($1) } }
    return light(new) < light(old) ? fall : settle
  }

  // MARK: - What the light sees

  var current: PanelTimeline.Content { storage.withLock { $0.timeline.current } ?? safe }

  /// The contents of the panel during an exposure. Exposures are asked for in the order of time.
  func shares(from start: UInt64, to end: UInt64) -> [PanelTimeline.Share] {
    storage.withLock { storage in
      storage.timeline.forget(before: start)
      return storage.timeline.shares(from: start, to: end)
    }
  }

  /// The same for a row of a frame that is exposed after the first one.
  func shares(ofRowFrom start: UInt64, to end: UInt64) -> [PanelTimeline.Share] {
    storage.withLock { $0.timeline.shares(from: start, to: end) }
  }
}

extension Pattern {
  /// What a display makes of levels that it takes for those of a television.
  fileprivate var expandedFromTelevision: Pattern {
    var pattern = self
    pattern.levels = levels.map { UInt8(min(255, max(0, ((Double($0) - 16) * 255 / 219).rounded()))) }
    return pattern
  }
}
