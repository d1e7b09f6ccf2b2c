import ReadableNumbers
import StrictYAML
import Twin

/// Reads the section `parameters`: where each parameter of the twin starts, what is known of it, and whether fits move it.
struct ParametersReader {
  let file: Section

  func read(of twin: TwinDescription) -> TwinParameters? {
    var parameters = TwinParameters(nominalFor: twin)
    guard file.has("parameters") else { return parameters }
    guard let section = file.section("parameters", keys: parameters.names) else { return nil }
    for nominal in parameters.all where section.has(nominal.name) {
      guard let stated = read(nominal, in: section), isWithinBounds(stated, in: section) else { continue }
      do { try parameters.update(stated) } catch { section.reject(nominal.name, error.description) }
    }
    return parameters
  }

  /// Those of the parameters that fits leave where they are, and of which the file states how far they may be off.
  func considered(_ parameters: TwinParameters) -> [String] {
    let section = file.quietly("parameters")
    return parameters.all.filter { !$0.isFree && section?.quietly($0.name)?.has("prior") == true }.map(\.name)
  }

  /// Looks for mistakes when the rest of the twin is not known: names that no such twin has, and values that no parameter has.
  func check(knowing geometry: GeometryDescription?) {
    guard file.has("parameters") else { return }
    let kinds = geometry.map { [$0.kind] } ?? GeometryDescription.Kind.allCases
    let known = kinds.flatMap { kind in
      TwinParameters(nominalFor: .richest(of: kind, layers: geometry?.layers ?? 64)).all
    }
    guard let section = file.section("parameters", keys: known.map(\.name)) else { return }
    for nominal in known where section.has(nominal.name) { _ = read(nominal, in: section) }
  }

  private func read(_ nominal: TwinParameter, in parent: Section) -> TwinParameter? {
    let schema = TwinSchema.parameter(nominal)
    guard let section = parent.section(nominal.name, schema) else { return nil }
    var parameter = nominal
    schema.read(section, into: &parameter)
    return parameter
  }

  private func isWithinBounds(_ parameter: TwinParameter, in parent: Section) -> Bool {
    if parameter.minimum <= parameter.value, parameter.value <= parameter.maximum { return true }
    parent.quietly(parameter.name)?.reject(
      "start",
      "\(shortest(parameter.value)) is not between minimum \(shortest(parameter.minimum)) and maximum "
        + shortest(parameter.maximum))
    return false
  }
}

extension TwinDescription {
  /// A twin with every parameter that one of this kind can have.
  static func richest(of kind: GeometryDescription.Kind, layers: Int) -> TwinDescription {
    var modulator = PhaseModulatorDescription()
    modulator.regions = 8
    return TwinDescription(
      geometry: GeometryDescription(
        kind: kind, wavelength: 850e-9, pitch: 8e-6, grid: 8, layers: layers, distance: 0.02),
      input: InputDescription(size: 1, block: 1, repeatsInput: true), detector: DetectorDescription(block: 1),
      modulator: modulator, source: SourceDescription())
  }
}
