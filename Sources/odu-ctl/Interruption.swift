import ArgumentParser
import Dispatch
import Foundation

/// Runs `body` in a task that SIGINT, SIGTERM and SIGHUP cancel. Whatever `body` holds, it releases as it does for any
/// cancelled task; the exit status then is 130.
func interruptible<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
  let task = Task { try await body() }
  let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { task.cancel() }
    source.resume()
    return source
  }
  defer { for source in sources { source.cancel() } }
  do {
    return try await task.value
  } catch {
    guard task.isCancelled else { throw error }
    StandardError.write("\n")
    StandardError.note("interrupted")
    throw ExitCode(130)
  }
}
