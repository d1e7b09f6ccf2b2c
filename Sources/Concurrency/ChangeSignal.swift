/// Counts changes and wakes all who wait for the next one. Nothing is kept of a change but that it happened: a storm of them costs
/// nothing, and whoever is slow misses some.
public final class ChangeSignal: Sendable {
  private struct State {
    var count: UInt64 = 0
    var tickets: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Locked(State())

  public init() {}

  /// The number of changes so far.
  public var count: UInt64 { state.withLock { $0.count } }

  /// Tells of a change.
  public func raise() {
    let waiting = state.withLock { state in
      state.count += 1
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns when there have been more than `seen` changes.
  /// - Throws: `CancellationError`.
  public func wait(after seen: UInt64) async throws {
    let ticket = state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // A task is cancelled before its handler runs: either it is seen here, or the handler finds the continuation.
        let isOver = state.withLock { state in
          let isOver = state.count > seen || Task.isCancelled
          if !isOver { state.waiting[ticket] = continuation }
          return isOver
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume()
    }
    try Task.checkCancellation()
  }
}
