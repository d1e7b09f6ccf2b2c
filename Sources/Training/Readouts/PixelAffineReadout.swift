import Arrays
import Optics

/// Every image to zero mean and unit standard deviation, then a gain and a bias of each pixel.
///
/// It needs no statistics of a batch, and does not see the detector's gain and offset.
public struct PixelAffineReadout: PerPixelReadout, Equatable {
  /// Per-pixel gain G.
  public var gain: [Float]
  /// Per-pixel bias B.
  public var bias: [Float]

  /// - Parameter pixels: detector samples per image.
  public init(pixels: Int, gain: Float = 1) {
    self.gain = [Float](repeating: gain, count: pixels)
    bias = [Float](repeating: 0, count: pixels)
  }

  public func forward<Scalar: OpticsScalar>(_ intensities: Stack<Scalar>) -> ReadoutPass<Scalar> {
    let score = ZScore(intensities)
    let output = GainAndBias.forward(score.normalised, gains: gain, biases: bias)
    return ReadoutPass(output: output) { [gain] gradient in
      let (inner, parameters) = GainAndBias.pullback(gradient, images: score.normalised, gains: gain)
      return (score.pullback(inner), parameters)
    }
  }
}

extension ReadoutKind {
  public static let pixelAffine = ReadoutKind("pixelAffine", "z-score with a trained gain and bias of each pixel") {
    PixelAffineReadout(pixels: $0)
  }
}
