/// The nominal optics of a simulated bench, in metres and samples. The plant departs from it by its misalignment.
public struct SimulatedOptics: Sendable, Codable, Equatable {
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

extension SimulatedOptics {
  /// The distance from one layer to the next in metres.
  var hop: Double { kind == .cavity ? 2 * distance : distance }

  /// The number of stretches of free space: one behind each layer, and in `planes` one before the first.
  var hops: Int { kind == .cavity ? layers : layers + 1 }

  /// A canvas that light leaving the patch at the steepest angle of a layer does not wrap around on, and at least four
  /// thirds of the grid; a multiple of 16 samples.
  var defaultCanvas: Int {
    let walk = hop * wavelength / (2 * pitch * pitch)
    let width = Double(grid) + max(Double(grid) / 3, walk)
    return Int((width / 16).rounded(.up)) * 16
  }

  /// - Throws: ``SimulatedError/invalid(key:value:accepted:)``.
  func validate() throws {
    let lengths = [
      ("wavelength", wavelength, 100e-9...1e-3), ("pitch", pitch, 1e-7...1e-2), ("distance", distance, 0...100),
    ]
    for (key, length, range) in lengths where !range.contains(length) {
      throw SimulatedError.invalid(
        key: key, value: "\(length)", accepted: "\(range.lowerBound)…\(range.upperBound) metres")
    }
    let counts = [
      ("grid", grid, 1...4096), ("layers", layers, 1...64), ("imageSize", imageSize, 1...4096),
      ("imageBlock", imageBlock, 1...4096),
    ]
    for (key, count, range) in counts where !range.contains(count) {
      throw SimulatedError.invalid(key: key, value: "\(count)", accepted: "\(range.lowerBound)…\(range.upperBound)")
    }
    guard imageSize * imageBlock <= grid else {
      throw SimulatedError.invalid(
        key: "imageSize·imageBlock", value: "\(imageSize * imageBlock)", accepted: "at most the grid, \(grid)")
    }
  }
}
