import Optics

/// Where the planes are.
public struct GeometryDescription: Sendable, Codable, Equatable {
  /// The ways in which planes follow each other.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Input plane, `layers` phase layers and the detector, every gap equal to `spacing`.
    case planes
    /// One modulator used `layers` times through a parallel mirror at `mirrorGap`; the input is imaged on the first layer.
    case cavity
  }

  /// How the planes follow each other.
  public var kind: Kind
  /// Vacuum wavelength in metres.
  public var wavelength: Double
  /// Distance between two samples of a layer in metres.
  public var pitch: Double
  /// Samples along each side of a layer.
  public var grid: Int
  /// Number of phase layers.
  public var layers: Int
  /// `planes`: every gap, from the input to the first layer and from the last layer to the detector included, in metres.
  /// `cavity`: the distance between modulator and mirror in metres, so that a hop is twice as long.
  public var distance: Double
  /// Width of the zero-padded plane in units of `grid`; at least 1.
  public var padding: Double
  /// Samples of the computation along each side of one layer pixel.
  public var sampling: Int
  /// Whether the transfer function is cut where the padded plane undersamples it.
  public var bandLimit: Bool
  /// Whether the canvas may undersample the transfer function when the band limit is off.
  public var allowUndersampling: Bool
  /// What computes the propagation.
  public var engine: EngineChoice

  public init(
    kind: Kind, wavelength: Double, pitch: Double, grid: Int, layers: Int, distance: Double, padding: Double = 1,
    sampling: Int = 1, bandLimit: Bool = true, allowUndersampling: Bool = false,
    engine: EngineChoice = .automatic
  ) {
    self.kind = kind
    self.wavelength = wavelength
    self.pitch = pitch
    self.grid = grid
    self.layers = layers
    self.distance = distance
    self.padding = padding
    self.sampling = sampling
    self.bandLimit = bandLimit
    self.allowUndersampling = allowUndersampling
    self.engine = engine
  }

  /// Stretches of free space that have a length of their own: behind every layer, and in `planes` before the first.
  public var hops: Int { kind == .planes ? layers + 1 : layers }
}
