import ArgumentParser
import BenchAPI
import BenchClient
import BenchFile
import Files
import StrictYAML

/// What a command that failed writes to standard output when JSON was asked for:
/// `{"error": {"code": …, "cause": …, "message": …}}`.
enum FailureDocument {
  /// - Parameter arguments: of this process.
  static func write(_ error: any Error, arguments: [String]) {
    let wantsJSON = arguments.prefix { $0 != "--" }.contains("--json")
    // A command that has written its document already, as `bench validate` does of a wrong file, has said it there.
    guard wantsJSON, !OutputOptions.hasPrinted else { return }
    try? OutputOptions.write(
      document: ErrorResponse(code: code(of: error), cause: cause(of: error), message: message(of: error)))
  }

  private static func message(of error: any Error) -> String {
    if let status = error as? ExitCode {
      return StandardError.lastNote ?? "the command ended with status \(status.rawValue)"
    }
    return isUsage(error) ? OduCtl.message(for: error) : StandardError.text(of: error)
  }

  private static func code(of error: any Error) -> String {
    switch error {
    case let error as BenchClientError: error.code
    case let error as JobFailure: error.code
    case is CancellationError: "interrupted"
    case let status as ExitCode where [RunCommand.resumable, JobSession.interrupted].contains(status.rawValue):
      "interrupted"
    case is ReadingError, is BenchFileError: "bench-file"
    case is FilesError: "file"
    case is PrivateDaemon.Failure: "daemon"
    default: isUsage(error) ? "usage" : "failed"
    }
  }

  /// The daemon's own word for what is wrong, see ``Cause``; nil when it was not the daemon that refused or failed.
  private static func cause(of error: any Error) -> String? {
    switch error {
    case BenchClientError.refused(_, _, let cause, _): cause
    case JobFailure.failed(_, let cause, _): cause
    default: nil
    }
  }

  private static func isUsage(_ error: any Error) -> Bool { OduCtl.exitCode(for: error) == .validationFailure }
}

extension BenchClientError {
  fileprivate var code: String {
    switch self {
    case .unreachable: "unreachable"
    case .refused(_, let code, _, _): code
    case .disconnected: "disconnected"
    case .broken: "broken"
    }
  }
}

extension JobFailure {
  fileprivate var code: String {
    switch self {
    case .failed: "job-failed"
    case .cancelled: "job-cancelled"
    case .lost, .outage: "disconnected"
    }
  }
}
