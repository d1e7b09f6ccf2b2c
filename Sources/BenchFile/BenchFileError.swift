/// What is wrong with a bench file. The description is one line per mistake, each with file, line, column and key.
public enum BenchFileError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be read at all.
  case unreadable(path: String, reason: String)
  /// The text is not YAML.
  case syntax(path: String, line: Int, column: Int, problem: String)
  /// The YAML does not describe a bench; every mistake is listed, in the order of the file.
  case mistakes(path: String, [BenchFileMistake])
  /// The file describes a twin only, and devices were asked for.
  case noDevices(path: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): \(reason)"
    case .syntax(let path, let line, let column, let problem):
      "\(path):\(line):\(column): not YAML: \(problem)"
    case .mistakes(let path, let mistakes):
      mistakes.map { "\(path):\($0)" }.joined(separator: "\n")
    case .noDevices(let path):
      "\(path): the file has no `devices` section and describes only a twin; add one to measure with it"
    }
  }
}

/// One mistake in a bench file.
public struct BenchFileMistake: Sendable, Codable, Equatable, CustomStringConvertible {
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

  public var description: String { "\(line):\(column): \(key.isEmpty ? "" : "\(key): ")\(message)" }
}
