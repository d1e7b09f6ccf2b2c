import Catalogues

/// A way in which tables of responses are written. A new one is a file in `Formats` and a line in ``ResponseTableFormats``.
public struct ResponseTableFormat: Sendable {
  /// What a table alone does not say.
  public struct Context: Sendable {
    /// Levels of a turn of commands on the bench.
    public var levels: Int
    /// Codes of the converter that drives the panel's pixels; nil when nobody said.
    public var codes: Int?
    /// The code of each level while the response was measured; nil for a linear table.
    public var loaded: DriveTable?

    public init(levels: Int, codes: Int? = nil, loaded: DriveTable? = nil) {
      (self.levels, self.codes, self.loaded) = (levels, codes, loaded)
    }
  }

  public let declaration: Declaration
  /// Whether lines look like such a table.
  let recognises: @Sendable ([Substring]) -> Bool
  let read: @Sendable ([Substring], Context) throws -> ResponseTable
  let write: @Sendable (ResponseTable, Context) throws -> String

  public func text(of table: ResponseTable, in context: Context) throws -> String { try write(table, context) }
}

/// The formats that there are.
public enum ResponseTableFormats {
  public static let standard = Catalogue("table format", [ResponseTableFormat.csv, .meadowlark, .holoeye]) {
    $0.declaration
  }

  /// Reads a table, whose format its content tells.
  ///
  /// - Throws: ``ResponseTableError``.
  public static func table(
    in text: String, _ context: ResponseTableFormat.Context
  ) throws -> (table: ResponseTable, format: String) {
    let lines = TableLines.of(text)
    guard let format = standard.members.first(where: { $0.recognises(lines) }) else {
      throw ResponseTableError.unknownFormat
    }
    return (try format.read(lines, context), format.declaration.name)
  }

  /// Reads a table of codes.
  public static func drive(in text: String) throws -> DriveTable {
    let lines = TableLines.of(text)
    return try DriveTable(rows: lines, separators: TableLines.separators)
  }
}

/// The lines of a table.
enum TableLines {
  static let separators: Set<Character> = [" ", "\t", ";", ","]

  static func of(_ text: String) -> [Substring] {
    // Spreadsheets begin a file with this.
    let text = text.hasPrefix("\u{feff}") ? text.dropFirst() : text[...]
    return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }

  static func isBlank(_ line: Substring) -> Bool { line.allSatisfy(\.isWhitespace) }

  /// The fields of a line.
  static func fields(_ line: Substring, _ separators: Set<Character>) -> [Substring] {
    line.split(whereSeparator: { separators.contains($0) || $0.isWhitespace && separators.contains(" ") })
  }
}
