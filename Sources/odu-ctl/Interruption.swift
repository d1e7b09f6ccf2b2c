import ArgumentParser
import Concurrency
import Dispatch
import Foundation
import Program

/// Runs `body` in a task that SIGINT, SIGTERM and SIGHUP cancel, and the loss of whoever reads what the command says. Whatever
/// `body` holds, it releases as it does for any cancelled task; the exit status then is `status`, or that of a broken pipe.
func interruptible<Result: Sendable>(
  status: Int32 = 130, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let task = Task { try await body() }
  let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { task.cancel() }
    source.resume()
    return source
  }
  let outer = Readers.onLoss { task.cancel() }
  defer {
    for source in sources { source.cancel() }
    Readers.onLoss(outer)
  }
  do {
    return try await task.value
  } catch {
    guard task.isCancelled else { throw error }
    if Readers.areLost { Program.endByBrokenPipe() }
    StandardError.write("\n")
    StandardError.note("interrupted")
    throw ExitCode(status)
  }
}

/// Whoever reads what the command says on the way, in `odu-ctl train … 2>&1 | head` say.
enum Readers {
  typealias Cancellation = @Sendable () -> Void

  private static let state = Locked<(areLost: Bool, cancel: Cancellation?)>((false, nil))

  static var areLost: Bool { state.withLock { $0.areLost } }

  /// Says what is to be done when the readers leave; nil ends the process.
  ///
  /// - Returns: what was to be done before.
  @discardableResult
  static func onLoss(_ cancel: Cancellation?) -> Cancellation? {
    state.withLock { state in
      defer { state.cancel = cancel }
      return state.cancel
    }
  }

  /// Ends what runs as Ctrl-C does, and the process at once when nothing does.
  static func leave() {
    let cancel = state.withLock { state in
      state.areLost = true
      return state.cancel
    }
    guard let cancel else { Program.endByBrokenPipe() }
    cancel()
  }
}
