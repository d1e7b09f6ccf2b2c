/// What a bench file says of the light between its devices, in metres and samples. A driver that stands for the light itself, as
/// the simulated one does, is given it; what departs from it, is the driver's business.
public struct NominalOptics: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Input plane, layers and detector, all `distance` apart.
    case planes
    /// One modulator used several times through a parallel mirror at `distance`; the input is imaged on the first layer.
    case cavity
  }

  public enum Encoding: String, Sendable, Codable, CaseIterable {
    /// The level is the real amplitude.
    case amplitude
    /// The level is the intensity.
    case intensity
    /// Unit amplitude with the phase π·level.
    case phase
    /// Each panel pixel is a mirror, which is on from half of the full level on.
    case binary
  }

  public var kind: Kind
  public var wavelength: Double
  /// Distance between two samples of a layer.
  public var pitch: Double
  /// Samples along each side of a layer.
  public var grid: Int
  /// Number of layers.
  public var layers: Int
  /// `planes`: every gap. `cavity`: from modulator to mirror, so that a hop is twice as long.
  public var distance: Double
  public var encoding: Encoding
  /// Pixels along each side of the image, which is centred with the offset ⌊(grid − size·block)/2⌋.
  public var imageSize: Int
  /// Layer samples along each side of an image pixel.
  public var imageBlock: Int
  /// The layer sample that the first pixel of the layout's camera region sees.
  public var detectorX: Int
  public var detectorY: Int

  public init(
    kind: Kind, wavelength: Double, pitch: Double, grid: Int, layers: Int, distance: Double,
    encoding: Encoding = .amplitude, imageSize: Int, imageBlock: Int, detectorX: Int = 0, detectorY: Int = 0
  ) {
    self.kind = kind
    self.wavelength = wavelength
    self.pitch = pitch
    self.grid = grid
    self.layers = layers
    self.distance = distance
    self.encoding = encoding
    self.imageSize = imageSize
    self.imageBlock = imageBlock
    self.detectorX = detectorX
    self.detectorY = detectorY
  }
}
