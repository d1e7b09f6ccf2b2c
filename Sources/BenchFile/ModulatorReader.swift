import Twin

/// Reads the section `modulator`: what is known of the modulator of the layers.
struct ModulatorReader {
  let file: Section

  func read(on geometry: GeometryDescription?) -> PhaseModulatorDescription? {
    if !file.has("modulator") { return PhaseModulatorDescription() }
    guard let section = file.section("modulator", keys: ["levels", "response", "regions", "crosstalkKernel"]) else {
      return nil
    }
    var modulator = PhaseModulatorDescription()
    if section.has("levels") { modulator.levels = section.integer("levels", 2...65536) }
    modulator.regions = section.integer("regions", 0...8, default: 0) ?? 0
    if section.has("response") { modulator.response = readResponse(in: section) }
    if section.has("crosstalkKernel") { modulator.crosstalkKernel = readKernel(in: section, on: geometry) }
    return modulator
  }

  private func readResponse(in section: Section) -> [Double]? {
    guard let values = section.numbers("response", Quantity(-100...100, unit: "radians")) else { return nil }
    guard values.count >= 2 else {
      section.reject("response", "expected at least 2 phases, from the command 0 to 2 pi in equal steps")
      return nil
    }
    return values
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
