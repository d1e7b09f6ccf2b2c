import Concurrency
import Devices

/// A clock that moves only when something waits for it, or a test says so: no test sleeps, and none depends on the machine.
public final class StageClock: BenchClock {
  private let time: Locked<UInt64>

  /// - Parameter start: nanoseconds.
  public init(start: UInt64 = 1_000_000_000) { time = Locked(start) }

  public var now: UInt64 { time.withLock { $0 } }

  public func wait(until deadline: UInt64) async throws {
    try Task.checkCancellation()
    advance(to: deadline)
  }

  /// Moves the clock forward; one that is already past that time stays where it is.
  public func advance(to later: UInt64) { time.withLock { $0 = max($0, later) } }

  /// Moves the clock forward by nanoseconds.
  public func advance(by step: UInt64) { time.withLock { $0 += step } }
}
