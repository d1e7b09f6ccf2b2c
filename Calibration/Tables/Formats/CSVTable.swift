import Catalogues
import Foundation

extension ResponseTableFormat {
  /// Comma-separated values with a header that names the columns `level` and `phase` and the unit of the latter. Levels that are left out
  /// lie on straight lines between their neighbours.
  public static let csv = ResponseTableFormat(
    declaration: Declaration("csv", "level and phase, with a header that names the unit"),
    recognises: { lines in
      lines.first { !TableLines.isBlank($0) }?.contains(where: \.isLetter) ?? false
    },
    read: { try CSVTable(lines: $0).table(levels: $1.levels) },
    write: { table, _ in
      "level,phase (rad)\n"
        + table.ofLevels.enumerated().filter { table.known.contains($0.offset) }
        .map { "\($0.offset),\($0.element)\n" }.joined()
    })
}

/// What stands in such a file.
private struct CSVTable {
  private var rows: [(level: Int, phase: Double)] = []

  init(lines: [Substring]) throws(ResponseTableError) {
    var header: (level: Int, phase: Int, unit: Double, separator: Character)?
    for (number, line) in lines.enumerated() where !TableLines.isBlank(line) {
      guard let columns = header else {
        header = try Self.header(line)
        continue
      }
      let fields = line.split(separator: columns.separator, omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard fields.indices.contains(columns.level), fields.indices.contains(columns.phase),
        let level = Double(fields[columns.level]).flatMap({ Int(exactly: $0) }),
        let phase = Double(fields[columns.phase])
      else { throw .line(number + 1, "expected a whole level and a phase") }
      guard level > rows.last?.level ?? -1, !rows.isEmpty || level == 0 else {
        throw .line(
          number + 1,
          rows.last.map { "level \(level) follows \($0.level)" } ?? "the first level is \(level), expected 0")
      }
      rows.append((level, phase * columns.unit))
    }
  }

  /// What a unit is in radians.
  private static let units: [(names: Set<String>, radians: Double)] = [
    (["rad", "radian", "radians"], 1), (["turn", "turns", "wave", "waves", "2pi", "2π"], 2 * .pi),
    (["pi", "π"], .pi), (["deg", "degree", "degrees", "°"], .pi / 180),
  ]

  private static func header(
    _ line: Substring
  ) throws(ResponseTableError) -> (level: Int, phase: Int, unit: Double, separator: Character) {
    let separator: Character = [";", "\t", ","].first { line.contains($0) } ?? ","
    let names = line.split(separator: separator, omittingEmptySubsequences: false).map { $0.lowercased() }
    guard let level = names.firstIndex(where: { $0.contains("level") || $0.contains("grey") || $0.contains("gray") }),
      let phase = names.firstIndex(where: { $0.contains("phase") }), level != phase
    else { throw .columns(header: String(line)) }
    let words = Set(
      names[phase].split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "°" }).map(String.init))
    guard let unit = units.first(where: { !$0.names.isDisjoint(with: words) }) else {
      throw .noUnit(header: String(line))
    }
    return (level, phase, unit.radians, separator)
  }

  func table(levels: Int) throws(ResponseTableError) -> ResponseTable {
    guard let last = rows.last?.level, (levels - 1...levels).contains(last) else {
      throw .levels(stated: (rows.last?.level ?? -1) + 1, ofTurn: levels)
    }
    var below = 0
    let phases = (0...last).map { level -> Double in
      while below < rows.count - 2, rows[below + 1].level < level { below += 1 }
      let (low, high) = (rows[below], rows[below + 1])
      return low.phase + Double(level - low.level) / Double(high.level - low.level) * (high.phase - low.phase)
    }
    return try ResponseTable(levels: levels, phases: phases)
  }
}
