/// Parameters that are told apart by a number only, such as the tilts of all layers, as one entry of a reference.
public struct ParameterFamily: Sendable, Equatable {
  /// The name with N for the number of the layer or hop, R for that of the region, and a range of Noll indices.
  public let name: String
  /// SI unit; empty for a pure number.
  public let unit: String
  /// The value at which the effect is absent; nil when every bench has it.
  public let neutral: Double?
  /// Whether calibrations and fits move them by default.
  public let isFree: Bool
  /// What they do, in one line without a full stop.
  public let meaning: String

  /// Those of a bench, in the order of its parameters.
  public static func all(of description: TwinDescription) -> [ParameterFamily] {
    let catalogue = ParameterCatalogue(description)
    var families: [ParameterFamily] = []
    for parameter in catalogue.parameters {
      let name = name(of: parameter.name)
      guard !families.contains(where: { $0.name == name }) else { continue }
      families.append(
        ParameterFamily(
          name: name, unit: parameter.unit, neutral: parameter.neutral, isFree: parameter.isFree,
          meaning: catalogue.meanings[parameter.name] ?? ""))
    }
    return families
  }

  private static func name(of parameter: String) -> String {
    let zernikes = ParameterCatalogue.zernikes
    return
      parameter
      .replacing(#/^(plane|hop)\d+/#) { "\($0.1)N" }
      .replacing(#/Zernike\d+$/#, with: "Zernike\(zernikes.lowerBound)…\(zernikes.upperBound)")
      .replacing(#/Response\d+$/#, with: "ResponseR")
      .replacing(#/^responseKnot\d+$/#, with: "responseKnot1…\(ParameterCatalogue.responseKnots)")
      .replacing(#/^response\d+$/#, with: "response1…\(ParameterCatalogue.responseOrder)")
  }
}
