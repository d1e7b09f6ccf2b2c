import Twin

/// Reads the section `parameters`: where each parameter of the twin starts, what is known of it, and whether fits move it.
struct ParametersReader {
  let file: Section

  func read(of twin: TwinDescription) -> TwinParameters? {
    var parameters = TwinParameters(nominalFor: twin)
    guard file.has("parameters") else { return parameters }
    guard let section = file.section("parameters", keys: parameters.names) else { return nil }
    for nominal in parameters.all where section.has(nominal.name) {
      guard let stated = read(nominal, in: section) else { continue }
      do { try parameters.update(stated) } catch { section.reject(nominal.name, error.description) }
    }
    return parameters
  }

  private func read(_ nominal: TwinParameter, in parent: Section) -> TwinParameter? {
    let keys = ["start", "prior", "scale", "minimum", "maximum", "free"]
    guard let section = parent.section(nominal.name, keys: keys) else { return nil }
    let quantity = Self.quantity(of: nominal)
    let width = Quantity(
      1e-12...max(1e-12, quantity.range.upperBound), unit: quantity.unit, prefixes: quantity.prefixes)
    var parameter = nominal
    section.read("start", into: &parameter.value, quantity)
    section.read("prior", into: &parameter.prior, width)
    section.read("scale", into: &parameter.scale, width)
    section.read("minimum", into: &parameter.minimum, quantity)
    section.read("maximum", into: &parameter.maximum, quantity)
    parameter.isFree = section.flag("free", default: nominal.isFree) ?? nominal.isFree
    guard parameter.minimum <= parameter.value, parameter.value <= parameter.maximum else {
      section.reject(
        "start",
        "\(shortest(parameter.value)) is not between minimum \(shortest(parameter.minimum)) and maximum "
          + shortest(parameter.maximum))
      return nil
    }
    return parameter
  }

  /// What a parameter can be at all; its bounds may be narrower.
  private static func quantity(of parameter: TwinParameter) -> Quantity {
    switch parameter.unit {
    case "m" where parameter.neutral == nil: .distance
    case "m": Quantity(-1...1, unit: "metres", prefixes: [-6, -3])
    case "rad" where parameter.maximum < 1: .angle
    case "rad": Quantity(-100...100, unit: "radians")
    default: Quantity(-1e9...1e9, unit: parameter.unit)
    }
  }
}
