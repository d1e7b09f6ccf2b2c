import ArgumentParser
import Concurrency
import Dispatch
import Foundation
import Program

/// Whether this process is to outlive its terminal, as `nohup` says by ignoring SIGHUP. Known before anything is done about signals.
let outlivesTerminal: Bool = {
  var action = sigaction()
  sigaction(SIGHUP, nil, &action)
  return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}()

/// Runs `body` in a task that SIGINT, SIGTERM and, but under `nohup`, SIGHUP cancel, and the loss of whoever reads what the command says. Whatever
/// `body` holds, it releases as it does for any cancelled task; the exit status then is `status`, or that of a broken pipe.
func interruptible<Result: Sendable>(
  status: Int32 = 130, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  let task = Task { try await body() }
  let signals = await HeardSignals([SIGINT, SIGTERM] + (outlivesTerminal ? [] : [SIGHUP])) { task.cancel() }
  let outer = Readers.onLoss { task.cancel() }
  let result = await task.result
  Readers.onLoss(outer)
  await signals.end()
  do {
    return try result.get()
  } catch {
    guard task.isCancelled else { throw error }
    if Readers.areLost { Program.endByBrokenPipe() }
    StandardError.write("\n")
    StandardError.note("interrupted")
    throw ExitCode(status)
  }
}

/// Signals that are heard between two moments that are certain. libdispatch sets and removes its handlers on a thread of its own; one
/// that it set late would take the signal from the one that is to have it next.
private struct HeardSignals {
  private let sources: [any DispatchSourceSignal]
  private let ended = DispatchGroup()

  /// Returns once all are heard.
  init(_ numbers: [Int32], _ heard: @escaping @Sendable () -> Void) async {
    let begun = DispatchGroup()
    sources = numbers.map { [ended] number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      begun.enter()
      ended.enter()
      source.setEventHandler(handler: heard)
      source.setRegistrationHandler { begun.leave() }
      source.setCancelHandler { ended.leave() }
      source.resume()
      return source
    }
    await begun.all()
  }

  /// Returns once none is heard any more.
  func end() async {
    for source in sources { source.cancel() }
    await ended.all()
  }
}

extension DispatchGroup {
  /// Waits for everybody who has entered.
  fileprivate func all() async {
    await withCheckedContinuation { continuation in notify(queue: .global()) { continuation.resume() } }
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
