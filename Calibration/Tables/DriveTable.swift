/// What a panel's electronics drive its pixels with for each level that they receive: the tables that vendors load into panels so that level
/// k of n shows k/n of a turn.
public struct DriveTable: Sendable, Equatable {
  /// The code of each level from 0 on.
  public let codes: [Int]

  static let sizes = (8...16).map { 1 << $0 }
  /// Levels of a panel of 8 bits, of which a linear table drives level j with j/256 of the codes.
  private static let panelLevels = 256.0

  /// Reads rows of a level and its code.
  init(rows lines: [Substring], separators: Set<Character>) throws(ResponseTableError) {
    var codes: [Int] = []
    for (number, line) in lines.enumerated() where !TableLines.isBlank(line) {
      let fields = TableLines.fields(line, separators).map { Int($0) }
      guard fields.count == 2, let level = fields[0], let code = fields[1], (0...65535).contains(code) else {
        throw .line(number + 1, "expected a level and a code from 0 to 65535")
      }
      guard level == codes.count else { throw .line(number + 1, "expected level \(codes.count), found \(level)") }
      codes.append(code)
    }
    guard Self.sizes.contains(codes.count) else { throw .codes(rows: codes.count) }
    self.codes = codes
  }

  /// The table that shows k of 256 parts of a turn for level k, by a response that was measured with another table.
  ///
  /// - Parameters:
  ///   - loaded: the table while it was measured; a linear one when nil.
  ///   - codes: of the converter.
  init(making table: ResponseTable, linearWith codes: Int, loaded: DriveTable?) throws(ResponseTableError) {
    let first = table.known.lowerBound
    let last = min(table.known.upperBound, table.levels)
    let curve = Array(table.curve[first...last])
    let sign: Double = curve[curve.count - 1] < curve[0] ? -1 : 1
    let shown = curve.map { sign * ($0 - curve[0]) / (2 * .pi) }
    if let place = zip(shown, shown.dropFirst()).enumerated().first(where: { $1.1 <= $1.0 })?.offset {
      throw .falls(level: first + place + 1)
    }
    let rows = 256
    guard let reached = shown.last, reached >= Double(rows - 1) / Double(rows) else {
      throw .short(turns: shown.last ?? 0)
    }
    var below = 0
    self.codes = (0..<rows).map { row in
      let wanted = Double(row) / Double(rows)
      while below < shown.count - 2, shown[below + 1] < wanted { below += 1 }
      let part = (wanted - shown[below]) / (shown[below + 1] - shown[below])
      let level = (Double(first + below) + part) / Self.panelLevels
      return min(codes - 1, Int(Self.code(level, of: codes, loaded).rounded()))
    }
  }

  /// The code of a level, in parts of all that the panel has; between two levels, between their codes.
  private static func code(_ part: Double, of codes: Int, _ loaded: DriveTable?) -> Double {
    guard let loaded else { return part * Double(codes) }
    let position = part * Double(loaded.codes.count)
    let below = min(max(Int(position), 0), loaded.codes.count - 2)
    let (low, high) = (Double(loaded.codes[below]), Double(loaded.codes[below + 1]))
    return low + (position - Double(below)) * (high - low)
  }

  /// What levels show that drive the panel linearly, when the levels of this table show equal parts of a turn.
  func response(codes: Int, levels: Int) throws(ResponseTableError) -> ResponseTable {
    let places = try places(codes: codes)
    let parts = (0..<levels).map { Double($0) * Double(codes) / Self.panelLevels }
    let known = parts.indices.filter { (places[0].code...places[places.count - 1].code).contains(parts[$0]) }
    guard let first = known.first, let last = known.last else { throw .levels(stated: 0, ofTurn: levels) }
    var below = 0
    let phases = parts.map { code -> Double in
      let code = min(max(code, places[0].code), places[places.count - 1].code)
      while below < places.count - 2, places[below + 1].code < code { below += 1 }
      let (low, high) = (places[below], places[below + 1])
      return low.phase + (code - low.code) / (high.code - low.code) * (high.phase - low.phase)
    }
    return try ResponseTable(levels: levels, phases: phases, known: first...last)
  }

  /// The phase at each code of the table, by rising codes. Neighbours that have one code between them have their mean phase.
  private func places(codes range: Int) throws(ResponseTableError) -> [(code: Double, phase: Double)] {
    if let row = codes.firstIndex(where: { $0 >= range }) {
      throw .line(row + 1, "code \(codes[row]) of a converter that has \(range)")
    }
    let isFalling = codes[codes.count - 1] < codes[0]
    // So many neighbours may have to share a code.
    let longest = max(2, (codes.count + range - 1) / range + 1)
    var places: [(code: Double, phase: Double)] = []
    var row = 0
    while row < codes.count {
      var next = row + 1
      while next < codes.count, codes[next] == codes[row] { next += 1 }
      guard next - row <= longest else { throw .repeated(rows: row...next - 1, code: codes[row]) }
      if next < codes.count, (codes[next] < codes[row]) != isFalling { throw .turns(next) }
      places.append((Double(codes[row]), 2 * .pi * (Double(row + next - 1) / 2) / Double(codes.count)))
      row = next
    }
    return isFalling ? places.reversed() : places
  }

  func text(separator: String) -> String {
    codes.enumerated().map { "\($0)\(separator)\($1)\n" }.joined()
  }
}
