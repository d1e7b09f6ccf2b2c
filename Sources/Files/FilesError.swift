import Glibc

/// What can be wrong with a file. Every message names the file, the place and what was expected there.
public enum FilesError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be opened or read.
  case unreadable(file: String, reason: String)
  /// The file cannot be written; what stood there before is unchanged.
  case unwritable(file: String, reason: String)
  /// The disk has no room for the file; what stood there before is unchanged.
  case full(file: String, reason: String)
  /// What stands there is no file, and nothing can be written into it.
  case irregular(file: String, kind: String)
  /// A pipe or a device did not take all that was written into it.
  case cut(file: String, reason: String)
  /// Whoever read a pipe has left before all was written.
  case abandoned(file: String)
  /// The content is not what it should be.
  case malformed(file: String, place: String, expected: String)
  /// A state file was written with another schema.
  case schema(file: String, found: Int, expected: Int)

  public var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(Excerpt.of(file)): cannot be read: \(reason)"
    case .unwritable(let file, let reason): "\(Excerpt.of(file)): cannot be written: \(reason); nothing was changed"
    case .full(let file, let reason):
      "\(Excerpt.of(file)): cannot be written: \(reason); nothing was changed"
    case .irregular(let file, let kind):
      "\(Excerpt.of(file)): cannot be written: it is \(kind); name a file, a pipe or a character device"
    case .cut(let file, let reason): "\(Excerpt.of(file)): was not written to its end: \(reason)"
    case .abandoned(let file): "\(Excerpt.of(file)): was not written completely: its reader has closed it"
    case .malformed(let file, let place, let expected): "\(Excerpt.of(file)): \(place): expected \(expected)"
    case .schema(let file, let found, let expected):
      "\(Excerpt.of(file)): header: expected state schema \(expected), found \(found); use the version of the program that wrote it"
    }
  }

  /// The system's words for the last failed call.
  static var systemReason: String { String(cString: strerror(errno)) }

  /// Why a file could not be written, after the number of the system's error.
  public static func failedWrite(_ file: String, _ number: Int32) -> FilesError {
    let reason = String(cString: strerror(number))
    return switch number {
    case ENOSPC, EDQUOT, EFBIG: .full(file: file, reason: reason)
    default: .unwritable(file: file, reason: reason)
    }
  }
}
