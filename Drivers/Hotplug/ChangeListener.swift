import Concurrency
import Devices

/// One party's view of a ``ChangeSignal``: it remembers which changes it has received. Each party needs a listener of
/// its own; tasks that share one wake together.
public final class ChangeListener: DeviceWatch {
  private let signal: ChangeSignal
  private let clock: any BenchClock
  private let seen: Locked<UInt64>

  /// Listens for changes from now on.
  public init(to signal: ChangeSignal, clock: any BenchClock = MonotonicClock()) {
    self.signal = signal
    self.clock = clock
    seen = Locked(signal.count)
  }

  public func waitForChange(until deadline: UInt64) async throws {
    try Task.checkCancellation()
    let known = seen.withLock { $0 }
    if signal.count == known {
      try await withThrowingTaskGroup(of: Void.self) { [signal, clock] group in
        group.addTask { try await clock.wait(until: deadline) }
        group.addTask { try await signal.wait(after: known) }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
    seen.withLock { $0 = max($0, signal.count) }
  }
}
