import Foundation
import Twin

/// The phase that a panel shows for each of its levels, as tables of vendors and of other programs state it.
public struct ResponseTable: Sendable, Equatable {
  /// Levels of a turn of commands: level k is k/levels of it.
  public let levels: Int
  /// Radians at the levels from 0 on: one value for each of them, or one more, that at the end of the turn.
  public let phases: [Double]
  /// The levels whose phases the table states. The others have that of the nearest of these.
  public let known: ClosedRange<Int>

  /// - Throws: ``ResponseTableError`` when there is not a value for each level.
  public init(levels: Int, phases: [Double], known: ClosedRange<Int>? = nil) throws(ResponseTableError) {
    guard levels >= 2, (levels...levels + 1).contains(phases.count) else {
      throw .levels(stated: phases.count, ofTurn: levels)
    }
    if let place = phases.firstIndex(where: { !$0.isFinite }) { throw .notFinite(level: place) }
    (self.levels, self.phases) = (levels, phases)
    self.known = known ?? 0...phases.count - 1
  }

  /// The values from command 0 to 2π, both included. What a table of levels leaves out, the end, follows from their mean slope.
  public var curve: [Double] {
    guard phases.count == levels else { return phases }
    let (first, last) = (phases[0], phases[levels - 1])
    return phases + [first + (last - first) * Double(levels) / Double(levels - 1)]
  }

  /// The phases of the levels alone.
  public var ofLevels: ArraySlice<Double> { phases[..<levels] }
}

extension ResponseTable {
  /// What is known of a bench, with the mean of its regions.
  ///
  /// - Parameter levels: of a turn of commands.
  public init(_ bench: CalibratedBench, levels: Int) throws(ResponseTableError) {
    let slope = bench.regionalSlopes
    let mean = slope.isEmpty ? 0 : slope.reduce(0, +) / Double(slope.count)
    let curve = bench.description.response(bench.parameters, count: levels + 1)
    let reach = bench.description.modulator.reach
    try self.init(
      levels: levels,
      phases: curve.enumerated().map { $1 + 2 * .pi * mean * Double($0) / Double(levels) },
      known: reach.map {
        Int(($0.lowerBound * Double(levels)).rounded())...Int(($0.upperBound * Double(levels)).rounded())
      })
  }

  /// The table as what a calibration finds: the parameters that a bench has besides the curve are 0 with it.
  public func model(for bench: CalibratedBench) -> ResponseModel {
    let besides = bench.parameters.names.filter { $0.hasPrefix("response") || $0.contains("Response") }
    let all = known.lowerBound == 0 && known.upperBound >= levels - 1
    return ResponseModel(
      curve: curve, parameters: ParameterValues(Dictionary(uniqueKeysWithValues: besides.map { ($0, 0) })),
      reach: all ? nil : Double(known.lowerBound) / Double(levels)...Double(known.upperBound) / Double(levels))
  }
}

extension CalibratedBench {
  /// The slopes of all regions of all layers, in turns by turns.
  public var regionalSlopes: [Double] {
    parameters.all.filter { $0.name.contains("Response") }.map(\.value)
  }
}

/// What is wrong with a table.
public enum ResponseTableError: Error, Equatable, CustomStringConvertible {
  case unknownFormat
  case levels(stated: Int, ofTurn: Int)
  case notFinite(level: Int)
  case line(Int, String)
  case noUnit(header: String)
  case columns(header: String)
  case noCodes
  case codes(rows: Int)
  case repeated(rows: ClosedRange<Int>, code: Int)
  case turns(Int)
  case falls(level: Int)
  case short(turns: Double)

  public var description: String {
    switch self {
    case .unknownFormat:
      "the file is no table that odu knows: a CSV with a header that names level and phase, rows of a level and a code with a "
        + "space or tab between them (.lut), or with a semicolon"
    case .levels(let stated, let levels):
      "the table ends with level \(stated - 1), and a turn of commands of this bench has \(levels) levels: expected 0 to "
        + "\(levels - 1), or to \(levels) with the phase at the end of the turn; a table of another number of levels would be "
        + "stretched"
    case .notFinite(let level): "level \(level) has no phase"
    case .line(let line, let problem): "line \(line): \(problem)"
    case .noUnit(let header):
      "\"\(header)\": the header must name the unit of the phase, such as \"phase (rad)\", \"phase (turns)\", \"phase (pi)\" or "
        + "\"phase (degrees)\""
    case .columns(let header):
      "\"\(header)\": the header must name a column \"level\" and a column \"phase\" with its unit"
    case .noCodes:
      "the table has codes and no phases: say with --codes how many codes the panel's converter has, such as 2048 for 11 bits; "
        + "the levels of this bench then are those that a linear table makes of them"
    case .codes(let rows): "\(rows) rows, expected 256, 512, … or 65536, one for each level"
    case .repeated(let rows, let code):
      "rows \(rows.lowerBound) to \(rows.upperBound) have the same code \(code): nothing tells the phases between them"
    case .turns(let row): "row \(row): the codes neither rise nor fall all the way, so that no phase follows from them"
    case .falls(let level):
      "the response turns back at level \(level), so that no table makes it linear; odu does not need one, since it chooses levels by "
        + "the response"
    case .short(let turns):
      "the panel shows \(String(format: "%.3f", turns)) of a turn, so that no table makes 256 levels of a turn of it"
    }
  }
}
