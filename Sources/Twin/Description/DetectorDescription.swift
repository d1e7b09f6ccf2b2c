import Arrays

/// How the detector samples the output plane: the mean intensity over `block`² grid samples inside `region`.
public struct DetectorDescription: Sendable, Codable, Equatable {
  /// Grid samples along each side of one detector sample.
  public var block: Int
  /// The part of the grid that the detector sees; the whole grid when absent.
  public var region: Region?
  /// The output at which a sample clips; nil when it has no limit.
  public var saturation: Double?
  /// Bits of the converter; nil when it has no steps.
  public var bits: Int?
  /// The output of the converter's largest code; needed with `bits`.
  public var fullScale: Double?

  public init(
    block: Int, region: Region? = nil, saturation: Double? = nil, bits: Int? = nil, fullScale: Double? = nil
  ) {
    self.block = block
    self.region = region
    self.saturation = saturation
    self.bits = bits
    self.fullScale = fullScale
  }
}
