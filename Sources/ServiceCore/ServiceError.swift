import Files
import Records

/// Why the service refused a request or could not start.
public enum ServiceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The request makes no sense as it stands.
  case invalid(String)
  /// Nothing has that name.
  case absent(String)
  /// The request cannot be met in the present state.
  case conflict(String)
  /// The body is larger than the route accepts.
  case tooLarge(limit: Int)
  /// A bounded store or queue has no room.
  case full(String)
  /// The disk has no room, or the state folder cannot be written.
  case storage(String, isFull: Bool)
  /// A file of the state folder is damaged.
  case damaged(String)
  /// A device failed.
  case device(String)
  /// The bench is still being opened; the same request may succeed in a moment.
  case opening
  /// Another daemon holds the state folder or answers on the socket, or the folder cannot be used.
  case startup(String)

  public var description: String {
    switch self {
    case .invalid(let message), .absent(let message), .conflict(let message), .full(let message), .device(let message),
      .startup(let message), .damaged(let message):
      message
    case .opening: "the bench is being opened; try again in a moment"
    case .storage(let message, let isFull):
      message + (isFull ? ". Make room on the disk of the state folder, for instance by removing old runs" : "")
    case .tooLarge(let limit):
      "the body is larger than the \(limit) bytes that this route accepts"
    }
  }
}

extension ServiceError {
  /// Why something could not be kept.
  package static func storage(_ message: String, of error: any Error) -> ServiceError {
    switch error {
    case FilesError.full, RecordsError.full: .storage(message, isFull: true)
    default: .storage(message, isFull: false)
    }
  }
}
