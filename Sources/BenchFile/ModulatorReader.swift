import StrictYAML
import Twin

/// Reads the section `modulator`: what is known of the modulator of the layers.
struct ModulatorReader {
  let file: Section

  func read(on geometry: GeometryDescription?) -> TwinSchema.Modulator? {
    var read = TwinSchema.modulator.start
    if !file.has("modulator") { return read }
    guard let section = file.section("modulator", TwinSchema.modulator) else { return nil }
    TwinSchema.modulator.read(section, into: &read)
    if let values = read.description.response {
      read.description.response = response(values, of: read, in: section)
    }
    if let geometry, !fits(read.description.crosstalkKernel ?? [], geometry, in: section) {
      read.description.crosstalkKernel = nil
    }
    return read
  }

  /// The response over a whole turn; nil when the values cannot be one.
  private func response(_ values: [Double], of read: TwinSchema.Modulator, in section: Section) -> [Double]? {
    let levels = read.description.levels
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
    switch read.responseSpan {
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

  private func fits(_ kernel: [[Double]], _ geometry: GeometryDescription, in section: Section) -> Bool {
    let width = kernel.first?.count ?? 0
    if max(kernel.count, width) <= geometry.grid { return true }
    section.reject(
      "crosstalkKernel", "\(kernel.count)x\(width) pixels are more than the layer's \(geometry.grid)x\(geometry.grid)")
    return false
  }
}
