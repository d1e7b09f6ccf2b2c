import Foundation
import ReadableNumbers

/// Parameters as a table for people: one row each, those of sections below the section with their path as the name.
public struct ParameterTable: Sendable {
  /// One parameter in words.
  struct Row: Sendable, Equatable {
    var name: String
    var unit = ""
    /// What holds when it is left out; "required" when it has to be given.
    var standard = ""
    var values = ""
    var summary: String

    var cells: [String] { [name, unit, standard, values, summary] }
  }

  let rows: [Row]
  private static let titles = ["key", "unit", "default", "values", "meaning"]

  public init(_ parameters: [Parameter]) { rows = parameters.flatMap { Self.rows(of: $0, under: "") } }

  /// With aligned columns, for terminals.
  public var text: String {
    let lines = [Self.titles] + rows.map(\.cells)
    let widths = (0..<4).map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      zip(cells, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) + "  " }.joined() + cells[4]
    }.joined(separator: "\n")
  }

  /// As Markdown has tables.
  public var markdown: String {
    let head = ["| " + Self.titles.joined(separator: " | ") + " |", "|---|---|---|---|---|"]
    return (head + rows.map(Self.markdown)).joined(separator: "\n")
  }

  private static func markdown(_ row: Row) -> String {
    let values = row.values.replacingOccurrences(of: ", ", with: "`, `")
    let isChoice = row.values.contains(", ")
    let cells = ["`\(row.name)`", row.unit, row.standard, isChoice ? "`\(values)`" : row.values, row.summary]
    return "|" + cells.map { $0.isEmpty ? " |" : " \($0) |" }.joined()
  }

  private static func rows(of parameter: Parameter, under path: String) -> [Row] {
    let name = path + parameter.name
    let standard = parameter.isRequired ? "required" : parameter.standard.map(\.description) ?? ""
    let own = Row(
      name: name, unit: parameter.unit ?? "", standard: standard, values: parameter.kind.values,
      summary: parameter.summary)
    return [own] + parameter.kind.inner.flatMap { rows(of: $0, under: name + parameter.kind.separator) }
  }
}

extension Parameter.Kind {
  /// Which values it takes; empty where the default says so or there is nothing to say.
  fileprivate var values: String {
    switch self {
    case .flag: "true, false"
    case .integer(let range) where range.upperBound == .max: "\(range.lowerBound) and up"
    case .integer(let range): "\(range.lowerBound) … \(range.upperBound)"
    case .number(let range) where range == Parameter.anyNumber: ""
    case .number(let range): "\(shortest(range.lowerBound)) … \(shortest(range.upperBound))"
    case .text: ""
    case .choice(let words): words.joined(separator: ", ")
    case .list(of: .object): "list of sections"
    case .list(of: .list): "list of rows"
    case .list(let entry): entry.values.isEmpty ? "list" : "list of \(entry.values)"
    case .object: "section"
    }
  }

  /// The parameters of a section, or of each section of a list.
  fileprivate var inner: [Parameter] {
    switch self {
    case .object(let parameters), .list(of: .object(let parameters)): parameters
    default: []
    }
  }

  fileprivate var separator: String { if case .list = self { "[]." } else { "." } }
}

extension Parameter.Value: CustomStringConvertible {
  /// As one writes it in a file.
  public var description: String {
    switch self {
    case .flag(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .number(let number): shortest(number)
    case .text(let text): text
    case .list(let entries): "[\(entries.map(\.description).joined(separator: ", "))]"
    }
  }
}
