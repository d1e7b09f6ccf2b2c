import Concurrency

/// What the service counts about its clients.
final class ServiceCounters: Sendable {
  private struct State {
    var requests: [Int: Int] = [:]
    var slowReaders = 0
  }

  private let state = Locked(State())

  /// Answered requests by status.
  var requests: [Int: Int] { state.withLock { $0.requests } }
  /// Followers that were dropped because they did not read.
  var slowReaders: Int { state.withLock { $0.slowReaders } }

  func countRequest(status: Int) { state.withLock { $0.requests[status, default: 0] += 1 } }
  func countSlowReader() { state.withLock { $0.slowReaders += 1 } }
}

/// Does something when it has been called a number of times.
final class Countdown: Sendable {
  private let left: Locked<Int>
  private let finish: @Sendable () -> Void

  init(_ count: Int, finish: @escaping @Sendable () -> Void) {
    left = Locked(count)
    self.finish = finish
  }

  func count() {
    let isOver = left.withLock { left in
      left -= 1
      return left == 0
    }
    if isOver { finish() }
  }
}
