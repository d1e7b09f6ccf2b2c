import BenchAPI
import BenchFile
import Concurrency
import Foundation
import ServiceCore

/// Reads files whose place a client named. A file system on the network may never answer, and nothing wakes a thread that waits
/// for it: whoever waits for such a thread can be cancelled, and leaves it behind.
package enum FileReading {
  /// Threads that may be left behind.
  package static let abandonedLimit = 8

  private static let abandoned = Locked(0)

  /// What `body` returns, on a thread of its own.
  ///
  /// - Throws: `CancellationError` as soon as the task is cancelled; ``Cause/filesUnresponsive`` while too many earlier reads
  ///   still hang; what `body` throws.
  package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    let hanging = abandoned.withLock { $0 }
    guard hanging < abandonedLimit else {
      throw ServiceError(
        .filesUnresponsive,
        "\(hanging) earlier jobs still wait for files that do not answer; check their file system, or restart odud")
    }
    let waiter = Waiter<Value>()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        waiter.wait(continuation)
        Thread { waiter.finish(Result { try body() }) }.start()
      }
    } onCancel: {
      waiter.cancel()
    }
  }

  /// Resumes whoever waits once: with the outcome or, before that, with a cancellation.
  private final class Waiter<Value: Sendable>: Sendable {
    private enum State {
      case idle
      case waiting(CheckedContinuation<Value, any Error>)
      case cancelled
      case finished
    }

    private let state = Locked(State.idle)

    func wait(_ continuation: CheckedContinuation<Value, any Error>) {
      let isCancelled = state.withLock { state in
        if case .cancelled = state { return true }
        state = .waiting(continuation)
        return false
      }
      if isCancelled {
        FileReading.abandoned.withLock { $0 += 1 }
        continuation.resume(throwing: CancellationError())
      }
    }

    func cancel() {
      let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
        defer { if case .finished = state {} else { state = .cancelled } }
        if case .waiting(let continuation) = state { return continuation }
        return nil
      }
      guard let waiting else { return }
      FileReading.abandoned.withLock { $0 += 1 }
      waiting.resume(throwing: CancellationError())
    }

    func finish(_ outcome: Result<Value, any Error>) {
      let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
        defer { state = .finished }
        if case .waiting(let continuation) = state { return continuation }
        return nil
      }
      guard let waiting else {
        FileReading.abandoned.withLock { $0 -= 1 }
        return
      }
      waiting.resume(with: outcome)
    }
  }
}

/// What a job may use before it has the bench.
public struct JobPreparation: Sendable {
  /// The bench that it will get, unless the file is read again meanwhile.
  public let file: BenchFile
  /// The run directories.
  package let runs: URL
  let job: Job

  /// Adds a line to the job's log.
  public func log(_ message: String) { job.append(.log(message)) }
}
