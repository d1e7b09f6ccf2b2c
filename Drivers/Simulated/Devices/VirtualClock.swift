import Concurrency
import Devices

/// A clock that moves only when a simulated device waits, so that bench time costs nothing but its computation.
///
/// Everything random about a simulated bench follows from its seed and its time. So a bench that is put to rest and
/// restarted at that time, by another process if need be, answers as it would have answered.
public final class VirtualClock: RestartableClock {
  private struct Storage {
    var now: UInt64
    /// Nanoseconds in which every device comes to rest.
    var settling: UInt64 = 0
    /// What puts the devices at rest.
    var resets: [@Sendable () -> Void] = []
  }

  private let storage: Locked<Storage>

  public init(start: UInt64 = 0) { storage = Locked(Storage(now: start)) }

  public var now: UInt64 { storage.withLock { $0.now } }

  /// Moves the clock forward to `target`; a clock that is already past it stays where it is.
  public func advance(to target: UInt64) {
    storage.withLock { $0.now = max($0.now, target) }
  }

  public func wait(until deadline: UInt64) async throws {
    try Task.checkCancellation()
    advance(to: deadline)
  }

  // MARK: - Rest

  /// Waits until all devices are at rest, and returns the time. They must have been stopped with safe patterns before.
  public func rest() -> UInt64 {
    let time = storage.withLock { min($0.now + $0.settling, Self.latestRestart) }
    restart(at: time)
    return time
  }

  /// Sets the clock, also back, with all devices at rest. Nobody may use them meanwhile.
  public func restart(at time: UInt64) {
    let resets = storage.withLock { storage in
      storage.now = min(time, Self.latestRestart)
      return storage.resets
    }
    for reset in resets { reset() }
  }

  /// A device that comes to rest in `settling` nanoseconds; `reset` makes it one that has always been at rest.
  func register(settling: UInt64, reset: @escaping @Sendable () -> Void) {
    storage.withLock { storage in
      storage.settling = max(storage.settling, settling)
      storage.resets.append(reset)
    }
  }

  /// Some decades: far enough from the end of time that nothing overflows.
  private static let latestRestart: UInt64 = 1 << 60
}
