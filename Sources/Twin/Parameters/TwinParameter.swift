/// One scalar of the twin that describes the bench and can be calibrated.
public struct TwinParameter: Sendable, Codable, Equatable {
  public let name: String
  public var value: Double
  /// SI unit of the value; empty for a pure number.
  public let unit: String
  /// The natural step of fits and optimisers: a change that the detector sees clearly, in `unit`.
  public var scale: Double
  /// Standard deviation of what is known before calibration, in `unit`.
  public var prior: Double
  public var minimum: Double
  public var maximum: Double
  /// The value at which the effect is absent; nil for a parameter that every bench has, such as a distance.
  public let neutral: Double?
  /// The switch: whether calibrations and fits move it unless they are told otherwise.
  public var isFree: Bool

  public init(
    name: String, value: Double, unit: String, scale: Double, prior: Double, minimum: Double, maximum: Double,
    neutral: Double? = nil, isFree: Bool = true
  ) {
    self.name = name
    self.value = value
    self.unit = unit
    self.scale = scale
    self.prior = prior
    self.minimum = minimum
    self.maximum = maximum
    self.neutral = neutral
    self.isFree = isFree
  }

  /// Whether the twin computes this effect: it is not neutral, or may become so. What is not active costs nothing and has
  /// no gradient.
  public var isActive: Bool { isFree || value != neutral }

  /// The value, moved by half a prior from a bound at which the effect is absent, as a crosstalk of 0 is: there the derivative
  /// by it may vanish, and no search would leave.
  public var released: Double {
    guard value == neutral else { return value }
    let step = min(prior, maximum - minimum) / 2
    if value <= minimum { return minimum + step }
    return value >= maximum ? maximum - step : value
  }
}
