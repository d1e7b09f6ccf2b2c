#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The time that devices stamp their events with, in nanoseconds of `CLOCK_MONOTONIC`. Tests and the simulated bench
/// inject a clock of their own.
public protocol BenchClock: Sendable {
  /// The current time in nanoseconds.
  var now: UInt64 { get }

  /// Returns when the clock shows `deadline`, in nanoseconds.
  /// - Throws: `CancellationError`.
  func wait(until deadline: UInt64) async throws
}

/// A clock that can be set, also back: that of devices whose answers follow from their time alone, as those of a simulated
/// bench do. A bench that is put to rest, and restarted at that time by another process, answers as it would have answered.
public protocol RestartableClock: BenchClock {
  /// Waits until all devices are at rest, and returns the time. They must have been stopped with safe patterns before.
  func rest() -> UInt64

  /// Sets the clock, with all devices at rest. Nobody may use them meanwhile.
  func restart(at time: UInt64)
}

/// The clock of the operating system.
public struct MonotonicClock: BenchClock {
  public init() {}

  public var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  public func wait(until deadline: UInt64) async throws {
    let now = now
    if deadline > now { try await Task.sleep(nanoseconds: deadline - now) }
  }
}

/// A duration in seconds as whole nanoseconds, rounded up; zero when it is negative or no number, and thirty years when it is
/// longer.
public func nanoseconds(_ seconds: Double) -> UInt64 {
  let longest = 1e18
  return seconds > 0 ? UInt64(min((seconds * 1e9).rounded(.up), longest)) : 0
}
