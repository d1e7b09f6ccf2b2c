import Arrays

/// The relay from the last plane to the sensor, and the sensor's place behind it. A pixel at u from the origin, the centre
/// of layer sample ⌊grid/2⌋, sees p = shift + scale·R(rotation)·diag(√aspect, 1/√aspect)·u/(1 + keystone·u), and collects what
/// falls on its image.
public struct ImagingImperfection: Sendable, Codable, Equatable {
  /// Metres on the last plane.
  public var shiftX: Double
  public var shiftY: Double
  /// Radians, from x towards y.
  public var rotation: Double
  public var scale: Double
  /// The magnification along x over that along y, at equal area.
  public var aspect: Double
  /// Per metre.
  public var keystoneX: Double
  public var keystoneY: Double
  /// Standard deviation of the Gaussian blur of the intensity in metres on the last plane.
  public var pointSpread: Double
  /// Part of the light that arrives, and the level of a dark pixel as a part of full scale.
  public var gain: Double
  public var offset: Double
  /// Over the spatial frequencies of the light; the circle of radius 1/(2·pitch) is the unit disc. Without roughness.
  public var aberration: Aberration
  /// How the sensor's frames show the last plane.
  public var orientation: Orientation

  public init(
    shiftX: Double = 0, shiftY: Double = 0, rotation: Double = 0, scale: Double = 1, aspect: Double = 1,
    keystoneX: Double = 0, keystoneY: Double = 0, pointSpread: Double = 0, gain: Double = 1, offset: Double = 0,
    aberration: Aberration = .none,
    orientation: Orientation = .upright
  ) {
    self.shiftX = shiftX
    self.shiftY = shiftY
    self.rotation = rotation
    self.scale = scale
    self.aspect = aspect
    self.keystoneX = keystoneX
    self.keystoneY = keystoneY
    self.pointSpread = pointSpread
    self.gain = gain
    self.offset = offset
    self.aberration = aberration
    self.orientation = orientation
  }

  public static let none = ImagingImperfection()

  /// Whether a pixel sees its layer sample and nothing else.
  var isInPlace: Bool {
    shiftX == 0 && shiftY == 0 && rotation == 0 && scale == 1 && aspect == 1 && keystoneX == 0 && keystoneY == 0
      && pointSpread == 0
  }
}
