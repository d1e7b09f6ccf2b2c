import BenchAPI
import Files
import Records

/// Why the service refused a request or could not start, or why a job failed or waits: a cause for programs and a line for
/// people.
public struct ServiceError: CausedError, Sendable, Equatable, CustomStringConvertible {
  /// What programs go by; it decides the status of a response.
  public let cause: Cause
  public let description: String

  public init(_ cause: Cause, _ message: String) {
    self.cause = cause
    description = message
  }

  /// An error in the service's words.
  ///
  /// - Parameter otherwise: the cause of errors that have none of their own.
  package init(describing error: any Error, otherwise: Cause) {
    switch error {
    case let error as ServiceError: self = error
    case FilesError.full, RecordsError.full: self = .diskFull("\(error)")
    case let error as any CausedError: self.init(error.cause, "\(error)")
    default: self.init(otherwise, "\(error)")
    }
  }

  /// The bench is still being opened; the same request may succeed in a moment.
  package static let opening = ServiceError(.benchOpening, "the bench is being opened; try again in a moment")
  package static let stopping = ServiceError(.serviceStopping, "odud is shutting down")

  /// What keeps the daemon from starting; no client ever sees it.
  package static func startup(_ message: String) -> ServiceError { ServiceError(.serviceStartup, message) }

  /// The body is larger than the route accepts.
  package static func tooLarge(limit: Int, _ cause: Cause = .requestTooLarge) -> ServiceError {
    ServiceError(cause, "the body is larger than the \(limit) bytes that this route accepts")
  }

  /// The disk has no room.
  package static func diskFull(_ message: String) -> ServiceError {
    ServiceError(
      .stateFull, message + ". Make room on the disk of the state folder, for instance by removing old runs")
  }

  /// Something could not be written into the state folder.
  package static func storage(_ message: String, of error: any Error) -> ServiceError {
    switch error {
    case FilesError.full, RecordsError.full: .diskFull(message)
    default: ServiceError(.stateUnwritable, message)
    }
  }
}
