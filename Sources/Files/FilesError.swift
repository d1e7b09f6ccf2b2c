import Glibc

/// What can be wrong with a file. Every message names the file, the place and what was expected there.
public enum FilesError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// The file cannot be written; what stood there before is unchanged.
  case unwritable(file: String, reason: String)
  /// The content is not what it should be.
  case malformed(file: String, place: String, expected: String)
  /// A state file was written with another schema.
  case schema(file: String, found: Int, expected: Int)

  public var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .unwritable(let file, let reason): "\(file): cannot be written: \(reason); nothing was changed"
    case .malformed(let file, let place, let expected): "\(file): \(place): expected \(expected)"
    case .schema(let file, let found, let expected):
      "\(file): header: expected state schema \(expected), found \(found); use the version of the program that wrote it"
    }
  }

  /// The system's words for the last failed call.
  static var systemReason: String { String(cString: strerror(errno)) }
}
