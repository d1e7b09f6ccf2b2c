import Locks

/// Counts changes and wakes whoever waits for one. Nothing is kept of a change but that it happened, so that a storm of
/// them costs nothing.
public final class ChangeSignal: Sendable {
  private struct State {
    var count: UInt64 = 0
    var nextWaiter: UInt64 = 0
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    /// Waiters that were cancelled before they began to wait.
    var cancelled: Set<UInt64> = []
  }

  private let state = Locked(State())

  public init() {}

  /// The number of changes so far.
  public var count: UInt64 { state.withLock { $0.count } }

  /// Tells of a change.
  public func raise() {
    let waiters = state.withLock { state in
      state.count += 1
      defer { state.waiters.removeAll() }
      return state.waiters.values
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Returns when there have been more than `seen` changes.
  /// - Throws: `CancellationError`.
  public func wait(after seen: UInt64) async throws {
    let identifier = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.cancelled.remove(identifier) != nil || state.count > seen { return true }
          state.waiters[identifier] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      cancel(identifier)
    }
    _ = state.withLock { $0.cancelled.remove(identifier) }
    try Task.checkCancellation()
  }

  private func cancel(_ identifier: UInt64) {
    let waiter = state.withLock { state in
      if let waiter = state.waiters.removeValue(forKey: identifier) { return waiter as CheckedContinuation? }
      state.cancelled.insert(identifier)
      return nil
    }
    waiter?.resume()
  }
}
