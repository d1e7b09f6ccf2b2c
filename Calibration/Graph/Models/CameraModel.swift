import Devices
import Twin

/// What a camera makes of light, in units of its full scale.
public struct CameraModel: Sendable, Codable, Equatable {
  /// Mean of a sample in the dark.
  public var darkLevel: Double
  /// Standard deviation of a sample in the dark (EMVA 1288: σ of the dark signal).
  public var readNoise: Double
  /// Variance for each unit of intensity (EMVA 1288: the overall system gain).
  public var gain: Double
  /// The step of the converter; 0 when unknown.
  public var step: Double
  /// Where samples clip.
  public var saturation: Double
  /// Sensor pixels that are bright in the dark, and pixels that do not answer to light.
  public var hotPixels: [PanelPoint]
  public var deadPixels: [PanelPoint]

  public init(
    darkLevel: Double, readNoise: Double, gain: Double, step: Double = 0, saturation: Double = 1,
    hotPixels: [PanelPoint] = [], deadPixels: [PanelPoint] = []
  ) {
    self.darkLevel = darkLevel
    self.readNoise = readNoise
    self.gain = gain
    self.step = step
    self.saturation = saturation
    self.hotPixels = hotPixels
    self.deadPixels = deadPixels
  }

  /// Of one pixel above the dark.
  public var noise: FrameNoise { FrameNoise(read: readNoise, shot: gain, step: step) }

  /// Of a sample that is the mean of blocks of pixels, as frames of the unit are, dark level included.
  public func noise(ofBlocks side: Int) -> FrameNoise {
    let side = Double(max(1, side))
    var noise = FrameNoise(read: readNoise / side, shot: gain / (side * side), step: step / side)
    noise.dark = darkLevel
    return noise
  }
}
