import Foundation

/// A YAML file of which every key must be known and every value plausible. Reading it reports all mistakes at once, each with
/// line, column and key.
///
/// ```swift
/// let file = try StrictFile(contentsOf: path, kind: "a recipe")
/// let recipe = try file.read(keys: ["schedule", "optimiser"]) { section in … }
/// ```
public struct StrictFile: Sendable {
  /// Where the text was read from, for messages.
  public let path: String
  public let text: String
  private let document: YAMLDocument

  /// How many bytes a file has at most.
  public static let limit = 1 << 20

  /// - Parameters:
  ///   - path: the file.
  ///   - kind: what it should be, for messages: "a bench file".
  /// - Throws: ``ReadingError/unreadable(path:reason:)`` and ``ReadingError/syntax(path:line:column:problem:)``.
  public init(contentsOf path: String, kind: String) throws(ReadingError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .unreadable(path: path, reason: "cannot be read; expected \(kind) in YAML")
    }
    guard data.count <= Self.limit else {
      throw .unreadable(path: path, reason: "is \(data.count) bytes long; \(kind) has at most 1 MiB")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      let mark = Self.firstInvalid(in: data)
      throw .syntax(
        path: path, line: mark.line, column: mark.column,
        problem: "this is not UTF-8 text; save the file in the encoding UTF-8")
    }
    try self.init(text, path: path)
  }

  /// A text; `path` is only used in messages.
  ///
  /// - Throws: ``ReadingError/syntax(path:line:column:problem:)``.
  public init(_ text: String, path: String) throws(ReadingError) {
    (self.path, self.text) = (path, text)
    do {
      document = try YAMLDocument(text)
    } catch {
      throw .syntax(path: path, line: error.mark.line, column: error.mark.column, problem: error.problem)
    }
  }

  /// What the file says.
  ///
  /// - Parameters:
  ///   - keys: those of the outermost section; nil for any words as keys.
  ///   - reading: reads that section, and returns nil when the mistakes that it has reported leave nothing to return. It is
  ///     called again for each repeated key, to find the mistakes in all occurrences.
  /// - Throws: ``ReadingError/mistakes(path:_:)``.
  public func read<Value>(keys: [String]?, _ reading: (Section) -> Value?) throws(ReadingError) -> Value {
    func read(_ root: YAMLNode) -> (value: Value?, mistakes: [Mistake]) {
      let log = MistakeLog()
      let value = Section(root, path: "", keys: keys, log: log).flatMap(reading)
      return (value, log.mistakes)
    }
    if document.duplicates.isEmpty {
      let (value, mistakes) = read(document.root)
      guard let value, mistakes.isEmpty else { throw Self.error(path, mistakes) }
      return value
    }
    var mistakes = document.duplicates + read(document.root.united).mistakes
    for occurrence in RepeatedKeys(document.root, limit: Self.mostOccurrences).occurrences {
      mistakes += read(occurrence.document.united).mistakes.filter { occurrence.contains($0) }
    }
    throw Self.error(path, mistakes)
  }

  /// A mistake at the value of a key, or at the section that lacks it.
  public func mistake(at key: String, _ message: String) -> Mistake {
    var place = key
    while document.places[place] == nil, let dot = place.lastIndex(of: ".") { place = String(place[..<dot]) }
    return Mistake(at: document.places[place] ?? Mark(line: 1, column: 1), key: key, message: message)
  }

  /// How many further occurrences of keys are looked into; of a file with more, these are reported first.
  private static let mostOccurrences = 100

  /// In the order of the file, each once.
  private static func error(_ path: String, _ mistakes: [Mistake]) -> ReadingError {
    let sorted = mistakes.enumerated().sorted { first, second in
      (first.element.line, first.element.column, first.offset) < (
        second.element.line, second.element.column, second.offset
      )
    }
    var told = Set<Mistake>()
    return .mistakes(path: path, sorted.map(\.element).filter { told.insert($0).inserted })
  }

  /// Where a text stops being UTF-8.
  private static func firstInvalid(in data: Data) -> Mark {
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    let line = lines[index]
    let valid = (0...line.count).last { String(validating: line.prefix($0), as: UTF8.self) != nil } ?? 0
    return Mark(line: index + 1, column: String(decoding: line.prefix(valid), as: UTF8.self).unicodeScalars.count + 1)
  }
}
