/// A place in a file, counted from 1 as editors do.
struct Mark: Comparable, Sendable {
  var line: Int
  var column: Int

  static func < (first: Mark, second: Mark) -> Bool {
    (first.line, first.column) < (second.line, second.column)
  }
}

/// One mistake in a file.
public struct Mistake: Sendable, Codable, Hashable, CustomStringConvertible {
  /// Counted from 1, as editors do.
  public let line: Int
  public let column: Int
  /// The key with its sections, as in `geometry.pitch`.
  public let key: String
  public let message: String

  public init(line: Int, column: Int, key: String, message: String) {
    self.line = line
    self.column = column
    self.key = key
    self.message = message
  }

  init(at mark: Mark, key: String, message: String) {
    self.init(line: mark.line, column: mark.column, key: key, message: message)
  }

  public var description: String { "\(line):\(column): \(key.isEmpty ? "" : "\(key): ")\(message)" }
}

/// Why a file cannot be used. The description has a line for each mistake, with file, line, column and key.
public enum ReadingError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be read at all.
  case unreadable(path: String, reason: String)
  /// The text is not YAML.
  case syntax(path: String, line: Int, column: Int, problem: String)
  /// The YAML does not say what it should; every mistake is listed, in the order of the file.
  case mistakes(path: String, [Mistake])

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): \(reason)"
    case .syntax(let path, let line, let column, let problem):
      "\(path):\(line):\(column): not YAML: \(problem)"
    case .mistakes(let path, let mistakes):
      mistakes.map { "\(path):\($0)" }.joined(separator: "\n")
    }
  }
}
