import Optics

/// What a bench looks like to the twin: its geometry, how an image is put on the beam, and how the detector samples the
/// output. The fixed part of a bench file; the alignment parameters with their values are ``TwinParameters``.
public struct TwinDescription: Sendable, Codable, Equatable {
  public var geometry: GeometryDescription
  public var input: InputDescription
  public var detector: DetectorDescription

  public init(geometry: GeometryDescription, input: InputDescription, detector: DetectorDescription) {
    self.geometry = geometry
    self.input = input
    self.detector = detector
  }
}

/// Where the planes are.
public struct GeometryDescription: Sendable, Codable, Equatable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Input plane, `layers` phase layers and the detector, every gap equal to `spacing`.
    case planes
    /// One modulator used `layers` times through a parallel mirror at `mirrorGap`; the input is imaged on the first layer.
    case cavity
  }

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

  public init(
    kind: Kind, wavelength: Double, pitch: Double, grid: Int, layers: Int, distance: Double, padding: Double = 1,
    sampling: Int = 1, bandLimit: Bool = true
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
  }
}

/// How an image is put on the beam: each pixel covers `block`² grid samples, the image is centred with the offset
/// ⌊(grid − size·block)/2⌋, and the frame around it is dark.
public struct InputDescription: Sendable, Codable, Equatable {
  public enum Encoding: String, Sendable, Codable, CaseIterable {
    /// The pixel value is the real amplitude.
    case amplitude
    /// The pixel value is the intensity; negative values count as zero.
    case intensity
    /// Unit amplitude with the phase π·value.
    case phase
  }

  /// Pixels along each side of the image.
  public var size: Int
  /// Grid samples along each side of one image pixel.
  public var block: Int
  public var encoding: Encoding

  public init(size: Int, block: Int, encoding: Encoding = .amplitude) {
    self.size = size
    self.block = block
    self.encoding = encoding
  }
}

/// How the detector samples the output plane: the mean intensity over `block`² grid samples inside `region`.
public struct DetectorDescription: Sendable, Codable, Equatable {
  /// Grid samples along each side of one detector sample.
  public var block: Int
  /// The part of the grid that the detector sees; the whole grid when absent.
  public var region: GridRegion?

  public init(block: Int, region: GridRegion? = nil) {
    self.block = block
    self.region = region
  }
}

/// A rectangle in samples of a grid or pixels of a panel, origin top-left.
public struct GridRegion: Sendable, Codable, Equatable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

extension TwinDescription {
  /// - Throws: ``TwinError/description(_:)`` when no bench can look like this.
  func validate() throws(TwinError) {
    func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(TwinError) {
      guard condition else { throw .description(message()) }
    }
    let geometry = geometry
    try require(geometry.grid >= 2 && geometry.grid <= 8192, "the grid has \(geometry.grid) samples, expected 2…8192")
    try require(geometry.layers >= 1, "there are \(geometry.layers) layers, expected at least 1")
    try require(geometry.sampling >= 1 && geometry.sampling <= 8, "sampling is \(geometry.sampling), expected 1…8")
    try require(
      geometry.padding.isFinite && geometry.padding >= 1 && geometry.padding <= 8,
      "padding is \(geometry.padding), expected 1…8")
    let side = Double(geometry.grid) * Double(geometry.sampling) * geometry.padding
    try require(
      side <= 16384,
      "grid × sampling × padding is \(Int(side)) samples, expected at most 16384 along each side")
    for (name, value) in [("wavelength", geometry.wavelength), ("pitch", geometry.pitch)] {
      try require(value.isFinite && value > 0, "\(name) is \(value), expected a positive number of metres")
    }
    try require(geometry.distance.isFinite, "the distance is \(geometry.distance), expected a finite number of metres")
    try require(
      input.size >= 1 && input.block >= 1 && input.size <= geometry.grid / input.block,
      "an image of \(input.size) pixels in blocks of \(input.block) does not fit a grid of \(geometry.grid)")
    let region = detector.region ?? GridRegion(x: 0, y: 0, width: geometry.grid, height: geometry.grid)
    try require(
      region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0
        && region.width <= geometry.grid && region.height <= geometry.grid
        && region.x <= geometry.grid - region.width && region.y <= geometry.grid - region.height,
      "the detector region \(region) lies outside a grid of \(geometry.grid)")
    _ = try Detector(detector, block: nil, grid: geometry.grid, sampling: geometry.sampling)
  }
}
