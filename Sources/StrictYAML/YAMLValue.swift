import Catalogues

/// A value as it stands in a file: what ``Schema/written(_:)`` makes, and a schema reads again.
public indirect enum YAMLValue: Sendable, Equatable {
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([YAMLValue])
  case section([Entry])

  /// A key with its value.
  public struct Entry: Sendable, Equatable {
    public var key: String
    public var value: YAMLValue

    public init(_ key: String, _ value: YAMLValue) { (self.key, self.value) = (key, value) }
  }

  /// A file with this value, numbers with all their digits.
  public var file: String { lines.joined(separator: "\n") + "\n" }

  fileprivate var lines: [String] {
    if let inline { return [inline] }
    switch self {
    case .section(let entries): return entries.flatMap(\.lines)
    case .list(let entries):
      return entries.flatMap { entry in
        entry.lines.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
      }
    default: return []
    }
  }

  /// On one line; nil for what is written on several.
  fileprivate var inline: String? {
    switch self {
    case .flag(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .text(let text): Self.quoted(text)
    case .list(let entries):
      entries.contains { $0.inline == nil } ? nil : "[\(entries.compactMap(\.inline).joined(separator: ", "))]"
    case .section(let entries): entries.isEmpty ? "{}" : nil
    }
  }

  /// A text in quotes, where it could be taken for something else without them.
  private static func quoted(_ text: String) -> String {
    let others = ["true", "false", "yes", "no", "on", "off", "null"]
    if text.wholeMatch(of: /[A-Za-z\/][A-Za-z0-9_.\/+-]*/) != nil, !others.contains(text.lowercased()) { return text }
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case "\n": "\\n"
      case "\t": "\\t"
      case _
      where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value):
        "\\U" + String(repeating: "0", count: 8 - String(scalar.value, radix: 16).count)
          + String(scalar.value, radix: 16)
      default: "\(scalar)"
      }
    }
    return "\"\(escaped.joined())\""
  }

  /// The same for those who are told of defaults; nil for a section.
  var standard: Parameter.Value? {
    switch self {
    case .flag(let flag): .flag(flag)
    case .integer(let integer): .integer(integer)
    case .number(let number): .number(number)
    case .text(let text): .text(text)
    case .list(let entries):
      entries.contains { $0.standard == nil } ? nil : .list(entries.compactMap(\.standard))
    case .section: nil
    }
  }
}

extension YAMLValue.Entry {
  fileprivate var lines: [String] {
    if let inline = value.inline { return ["\(key): \(inline)"] }
    return ["\(key):"] + value.lines.map { "  " + $0 }
  }
}
