import Locks

/// A count of changes, and those who wait for the next one. Whoever is slow misses changes and costs no memory.
final class Announcer: Sendable {
  private struct State {
    var count = 0
    var tickets = 0
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Locked(State())

  /// How many changes there have been.
  var count: Int { state.withLock { $0.count } }

  /// Counts a change and wakes all who wait.
  func announce() {
    let waiting = state.withLock { state in
      state.count += 1
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Returns when there have been more than `count` changes.
  /// - Throws: `CancellationError`.
  func change(after count: Int) async throws {
    let ticket = state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          let isOver = state.count > count || Task.isCancelled
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
