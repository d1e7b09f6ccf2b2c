/// One scalar of the twin that describes the bench and can be calibrated.
public struct TwinParameter: Sendable, Codable, Equatable {
  /// What a parameter belongs to. Fits free groups one after the other.
  public enum Group: String, Sendable, Codable, CaseIterable {
    /// The light's way as a whole: gap or spacing, the angles of mirror and beam.
    case alignment
    /// What each hop differs from it.
    case distances
    /// Where each layer sits: shift, tilt, rotation, scale.
    case placement
    /// What is not flat about each layer.
    case flatness
    /// Response, crosstalk, gaps.
    case modulator
    /// Power, illumination, wavefront.
    case source
    /// The aberrations of the imaging to the detector.
    case relay
    /// Where the detector lies: shift, rotation, scale and the like.
    case registration
    /// What it makes of the light.
    case detector
    /// What the image does when it enters again.
    case input
  }

  /// What bench files, fits and reports call it.
  public let name: String
  /// What it belongs to.
  public let group: Group
  /// Where it stands, in `unit`.
  public var value: Double
  /// SI unit of the value; empty for a pure number.
  public let unit: String
  /// The natural step of fits and optimisers: a change that the detector sees clearly, in `unit`.
  public var scale: Double
  /// Standard deviation of what is known before calibration, in `unit`.
  public var prior: Double
  /// The lowest value that fits may give it, in `unit`.
  public var minimum: Double
  /// The highest value that fits may give it, in `unit`.
  public var maximum: Double
  /// The value at which the effect is absent; nil for a parameter that every bench has, such as a distance.
  public let neutral: Double?
  /// The switch: whether calibrations and fits move it by default.
  public var isFree: Bool

  public init(
    name: String, group: Group = .alignment, value: Double, unit: String, scale: Double, prior: Double, minimum: Double,
    maximum: Double, neutral: Double? = nil, isFree: Bool = true
  ) {
    self.name = name
    self.group = group
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

  /// What was written before there were groups has none; whoever needs them takes them from the bench's own parameters.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      name: values.decode(String.self, forKey: .name),
      group: values.decodeIfPresent(Group.self, forKey: .group) ?? .alignment,
      value: values.decode(Double.self, forKey: .value), unit: values.decode(String.self, forKey: .unit),
      scale: values.decode(Double.self, forKey: .scale), prior: values.decode(Double.self, forKey: .prior),
      minimum: values.decode(Double.self, forKey: .minimum), maximum: values.decode(Double.self, forKey: .maximum),
      neutral: values.decodeIfPresent(Double.self, forKey: .neutral), isFree: values.decode(Bool.self, forKey: .isFree))
  }
}
