import Access
import Concurrency
import ServiceCore

/// The memory that large bodies may take together, on their way in or out.
///
/// Nobody but administrators may have more than a quarter of it, so that one client keeps nobody from the daemon, and a quarter
/// is kept for administrators.
final class ByteBudget: Sendable {
  /// A part of the budget, given back when nobody holds it any more.
  final class Share: Sendable {
    private let giveBack: @Sendable () -> Void

    fileprivate init(giveBack: @escaping @Sendable () -> Void) { self.giveBack = giveBack }

    deinit { giveBack() }
  }

  private struct State {
    var taken = 0
    var byCaller: [String: Int] = [:]
  }

  private let state = Locked(State())
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Bytes that are taken.
  var taken: Int { state.withLock { $0.taken } }

  /// The most that a single body can have.
  var largestShare: Int { limit / 4 }

  /// - Throws: ``Cause/serviceBusy``.
  func take(_ bytes: Int, for caller: Caller) throws -> Share {
    let bytes = max(0, bytes)
    let isTaken = state.withLock { state in
      let own = state.byCaller[caller.key, default: 0]
      guard caller.role == .administer || own + bytes <= largestShare && state.taken + bytes <= limit - limit / 4,
        state.taken + bytes <= limit
      else { return false }
      state.taken += bytes
      state.byCaller[caller.key] = own + bytes
      return true
    }
    guard isTaken else {
      throw ServiceError(.serviceBusy, "other large bodies are under way; try again when they are done")
    }
    return Share { [self] in release(bytes, of: caller.key) }
  }

  private func release(_ bytes: Int, of key: String) {
    state.withLock { state in
      state.taken -= bytes
      let left = state.byCaller[key, default: 0] - bytes
      state.byCaller[key] = left > 0 ? left : nil
    }
  }
}

/// What all large bodies share.
struct Budgets: Sendable {
  /// Files that arrive, on the disk.
  let uploads: ByteBudget
  /// Patterns that arrive, in memory.
  let patterns: ByteBudget
  /// JSON that arrives.
  let requests: ByteBudget
  /// Pictures and measurements that were made for one answer.
  let answers: ByteBudget

  init(_ limits: ServiceLimits) {
    uploads = ByteBudget(limit: 4 * limits.arrayBytes)
    patterns = ByteBudget(limit: 4 * limits.patternBytes)
    requests = ByteBudget(limit: 32 * limits.jsonBytes)
    answers = ByteBudget(limit: limits.answerBytes)
  }
}
