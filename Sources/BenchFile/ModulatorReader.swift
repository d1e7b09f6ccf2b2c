import StrictYAML
import Twin

/// Reads the section `modulator`: what is known of the modulator of the layers.
struct ModulatorReader {
  let file: Section

  func read(on geometry: GeometryDescription?) -> PhaseModulatorDescription? {
    if !file.has("modulator") { return PhaseModulatorDescription() }
    guard
      let section = file.section(
        "modulator", keys: ["levels", "response", "responseSpan", "regions", "crosstalkKernel"])
    else { return nil }
    var modulator = PhaseModulatorDescription()
    if section.has("levels") { modulator.levels = section.integer("levels", 2...65536) }
    modulator.regions = section.integer("regions", 0...8, default: 0) ?? 0
    if section.has("response") { modulator.response = readResponse(in: section, levels: modulator.levels) }
    if section.has("crosstalkKernel") { modulator.crosstalkKernel = readKernel(in: section, on: geometry) }
    return modulator
  }

  /// What the values of a measured response belong to.
  private enum Span: String, CaseIterable {
    /// Commands from 0 to 2π, both included.
    case turn
    /// Each level of a turn: value k to the command 2πk/n, so that the one at 2π is not among them.
    case levels
  }

  private func readResponse(in section: Section, levels: Int?) -> [Double]? {
    guard let values = section.numbers("response", Quantity(-1e6...1e6, unit: "radians")) else { return nil }
    guard values.count >= 2 else {
      section.reject("response", "expected at least 2 phases, from the command 0 to 2 pi in equal steps")
      return nil
    }
    if let problem = ResponsePlausibility(values: values).problem {
      section.reject("response", problem)
      return nil
    }
    guard section.has("responseSpan") else {
      return refuseLevels(values, levels, in: section) ? nil : values
    }
    switch section.choice("responseSpan", default: Span.turn) {
    case .turn: return values
    case .levels:
      if let stated = statedLevels(levels), values.count != stated {
        section.reject(
          "response",
          "\(values.count) values for the \(stated) levels of a turn; give one for each of the levels 0 to \(stated - 1), and "
            + "none beyond the turn")
        return nil
      }
      return values + [Self.end(of: values)]
    case nil: return nil
    }
  }

  /// The levels of a turn, when the file says how many there are.
  private func statedLevels(_ levels: Int?) -> Int? {
    levels ?? file.quietly("layout")?.quietly("layers")?.quietText("levelsPerTurn").flatMap { Int($0) }
  }

  /// What a modulator shows a turn after its first level, by the mean slope of its levels.
  private static func end(of values: [Double]) -> Double {
    let count = Double(values.count)
    return values[0] + (values[values.count - 1] - values[0]) * count / (count - 1)
  }

  /// A mistake when there is one value for each level of a turn: the list would be stretched by one level without a word.
  private func refuseLevels(_ values: [Double], _ levels: Int?, in section: Section) -> Bool {
    let count = values.count
    let stated = statedLevels(levels)
    // Panels that say nothing of their levels have a power of two.
    let isPowerOfTwo = count >= 16 && count & (count - 1) == 0
    guard count == stated || isPowerOfTwo else { return false }
    section.reject(
      "response",
      "\(count) values look like one for each of \(count) levels, of which the last is \(count - 1)/\(count) of a turn, "
        + "while the list runs from 0 to 2 pi, both included; "
        + (stated == nil || stated == count ? "write responseSpan: levels for values of levels, " : "")
        + "add the phase at 2 pi as value \(count + 1) (about \(Self.end(of: values))), or write responseSpan: turn when the "
        + "last value is the one at 2 pi")
    return true
  }

  private func readKernel(in section: Section, on geometry: GeometryDescription?) -> [[Double]]? {
    guard let rows = section.rows("crosstalkKernel") else { return nil }
    let width = rows.first?.count ?? 0
    guard rows.count % 2 == 1, width % 2 == 1, rows.allSatisfy({ $0.count == width }) else {
      section.reject("crosstalkKernel", "expected an odd number of rows of one odd length")
      return nil
    }
    if let geometry, max(rows.count, width) > geometry.grid {
      section.reject(
        "crosstalkKernel", "\(rows.count)x\(width) pixels are more than the layer's \(geometry.grid)x\(geometry.grid)")
      return nil
    }
    return section.requireSum(of: rows, "crosstalkKernel") ? rows : nil
  }
}

extension Section {
  /// Whether the weights of a kernel can be made to add up to 1; otherwise a mistake at the key.
  func requireSum(of rows: [[Double]], _ key: String) -> Bool {
    let sum = rows.joined().reduce(0, +)
    let magnitude = rows.joined().reduce(0) { $0 + abs($1) }
    guard magnitude.isFinite, abs(sum) >= max(1e-9, 1e-3 * magnitude) else {
      reject(
        key,
        "adds up to \(sum), its magnitudes to \(magnitude); expected weights that can be made to add up to 1: a sum of at "
          + "least 1e-9 and a thousandth of the magnitudes'")
      return false
    }
    return true
  }
}
