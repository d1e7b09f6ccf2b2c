/// What is known of one parameter of a bench, in its SI unit, after its calibration or fit.
public struct Estimate: Sendable, Equatable {
  /// The parameter's name in the bench file.
  public var name: String
  /// `m`, `rad` and so on; empty for a number without a unit.
  public var unit: String
  /// Where the search for it began; nil where that was not kept.
  public var start: Double?
  public var value: Double
  /// From the residuals with their correlation, what a finer sampling would change, and what was known before. It knows
  /// nothing of what the model lacks.
  public var standardDeviation: Double
  /// Whether the value ended at one of its bounds, except at one where its effect is absent.
  public var isAtBound: Bool

  public init(
    name: String, unit: String, start: Double? = nil, value: Double, standardDeviation: Double, isAtBound: Bool = false
  ) {
    self.name = name
    self.unit = unit
    self.start = start
    self.value = value
    self.standardDeviation = standardDeviation
    self.isAtBound = isAtBound
  }
}

/// Records of earlier versions have neither start nor bounds; only calibrations without a value at its bound were kept.
extension Estimate: Codable {
  private enum CodingKeys: String, CodingKey {
    case name, unit, start, value, standardDeviation
    case isAtBound = "atBound"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try values.decode(String.self, forKey: .name), unit: try values.decode(String.self, forKey: .unit),
      start: try values.decodeIfPresent(Double.self, forKey: .start),
      value: try values.decode(Double.self, forKey: .value),
      standardDeviation: try values.decode(Double.self, forKey: .standardDeviation),
      isAtBound: try values.decodeIfPresent(Bool.self, forKey: .isAtBound) ?? false)
  }
}
