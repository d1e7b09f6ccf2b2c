/// How an image is put on the beam: each pixel covers `block`² grid samples, the image is centred with the offset
/// ⌊(grid − size·block)/2⌋, and the frame around it is dark.
public struct InputDescription: Sendable, Codable, Equatable {
  /// What a pixel value is to the light.
  public enum Encoding: String, Sendable, Codable, CaseIterable {
    /// The pixel value is the real amplitude.
    case amplitude
    /// The pixel value is the intensity; negative values count as zero.
    case intensity
    /// Unit amplitude with the phase π·value.
    case phase
    /// The mirrors of a binary modulator: the value is the part of a pixel's area that is on, with amplitude 1.
    case binary
  }

  /// Pixels along each side of the image.
  public var size: Int
  /// Grid samples along each side of one image pixel.
  public var block: Int
  /// What a pixel value is to the light.
  public var encoding: Encoding
  /// Values that the input modulator tells apart; nil for a continuous one.
  public var levels: Int?
  /// Whether the image is written on every layer behind the first again, as the phase repeatScale·value: the
  /// structural nonlinearity of Yildirim et al., Nature Photonics (2024).
  public var repeatsInput: Bool

  public init(
    size: Int, block: Int, encoding: Encoding = .amplitude, levels: Int? = nil, repeatsInput: Bool = false
  ) {
    self.size = size
    self.block = block
    self.encoding = encoding
    self.levels = levels
    self.repeatsInput = repeatsInput
  }
}
