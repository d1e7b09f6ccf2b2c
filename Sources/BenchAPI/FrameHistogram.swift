/// How the pixels of a camera frame are distributed.
public struct FrameHistogram: Codable, Sendable, Equatable {
  public static let binCount = 64

  /// Counts the frames that the daemon has seen.
  public var number: Int
  public var width: Int
  public var height: Int
  /// The value of a saturated pixel.
  public var fullScale: Int
  /// Pixels in ``binCount`` equal ranges from 0 to full scale.
  public var bins: [Int]
  /// Pixels at full scale.
  public var saturated: Int
  public var mean: Double
  public var largest: Int

  public init(
    number: Int, width: Int, height: Int, fullScale: Int, bins: [Int], saturated: Int, mean: Double, largest: Int
  ) {
    self.number = number
    self.width = width
    self.height = height
    self.fullScale = fullScale
    self.bins = bins
    self.saturated = saturated
    self.mean = mean
    self.largest = largest
  }
}
