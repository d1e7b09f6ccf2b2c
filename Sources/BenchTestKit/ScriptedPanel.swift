import Concurrency
import Devices

/// A modulator that remembers what was done with it and fails when its script says so.
public final class ScriptedPanel: SpatialLightModulator {
  /// What a test can look at and change.
  public struct Script: Sendable {
    /// The pattern on the panel; nil when it is the safe one.
    public var shown: Pattern?
    /// How often the safe pattern was asked for.
    public var safeCount = 0
    /// Patterns on the device.
    public var held: [PatternHandle: Pattern] = [:]
    /// Thrown by everything but the safe pattern.
    public var failure: DeviceError?
    public var serial: String?
    fileprivate var uploads: UInt64 = 0
  }

  public let description: ModulatorDescription
  private let clock: any BenchClock
  private let script = Locked(Script())

  public init(
    name: String = "panel", width: Int = 4, height: Int = 3, greyLevels: Int = 256, clock: any BenchClock = StageClock()
  ) {
    self.clock = clock
    description = ModulatorDescription(
      name: name, driver: "scripted", width: width, height: height, greyLevels: greyLevels, refreshRate: 60)
  }

  public var present: Script { script.withLock { $0 } }

  public func change(_ body: (inout Script) -> Void) { script.withLock { body(&$0) } }

  public var state: DeviceState { get async { present.shown == nil ? .ready : .running } }

  public var serial: String? { get async { present.serial } }

  public func upload(_ patterns: [Pattern]) async throws -> [PatternHandle] {
    try description.validate(patterns)
    return try script.withLock { script in
      if let failure = script.failure { throw failure }
      return patterns.map { pattern in
        script.uploads += 1
        let handle = PatternHandle(id: script.uploads)
        script.held[handle] = pattern
        return handle
      }
    }
  }

  public func show(_ handle: PatternHandle) async throws -> PresentationReceipt {
    try script.withLock { script in
      if let failure = script.failure { throw failure }
      guard let pattern = script.held[handle] else { throw DeviceError.unknownPattern(device: description.name) }
      script.shown = pattern
    }
    return PresentationReceipt(handle: handle, time: clock.now, evidence: .acknowledged)
  }

  public func release(_ handles: [PatternHandle]) async {
    script.withLock { script in
      for handle in handles { script.held[handle] = nil }
    }
  }

  public func showSafePattern() async throws {
    script.withLock { script in
      script.shown = nil
      script.safeCount += 1
    }
  }

  public func reconnect() async throws {
    script.withLock { $0.held = [:] }
    try await showSafePattern()
  }
}
