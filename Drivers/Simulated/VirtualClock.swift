import Devices
import Synchronization

/// A clock that moves only when a simulated device waits, so that bench time costs nothing but its computation.
public final class VirtualClock: BenchClock {
  private let time: Mutex<UInt64>

  public init(start: UInt64 = 0) { time = Mutex(start) }

  public var now: UInt64 { time.withLock { $0 } }

  /// Moves the clock forward to `target`; a clock that is already past it stays where it is.
  public func advance(to target: UInt64) {
    time.withLock { $0 = max($0, target) }
  }

  public func wait(until deadline: UInt64) async throws {
    try Task.checkCancellation()
    advance(to: deadline)
  }
}
