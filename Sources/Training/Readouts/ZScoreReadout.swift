import Arrays
import Optics

/// The paper's readout: every image to zero mean and unit standard deviation, then one gain and one bias.
///
/// With gain 1 and bias 0, both fixed, it is the faithful one: the output has mean 0 and variance 1 whatever the detector's
/// gain and offset.
public struct ZScoreReadout: Readout {
  /// Gain and bias, if they are trained.
  public var parameters: [Float] {
    get { isAffine ? [gain, bias] : [] }
    set { if isAffine, newValue.count == 2 { (gain, bias) = (newValue[0], newValue[1]) } }
  }
  public var gain: Float = 1
  public var bias: Float = 0
  /// Whether gain and bias are trained.
  public let isAffine: Bool

  public init(isAffine: Bool = false) { self.isAffine = isAffine }

  public func forward<Scalar: OpticsScalar>(_ intensities: Stack<Scalar>) -> ReadoutPass<Scalar> {
    let score = ZScore(intensities)
    let output = GainAndBias.forward(score.normalised, gains: [gain], biases: [bias])
    return ReadoutPass(output: output) { [gain, isAffine] gradient in
      let (inner, parameters) = GainAndBias.pullback(gradient, images: score.normalised, gains: [gain])
      return (score.pullback(inner), isAffine ? parameters : [])
    }
  }
}

extension ReadoutKind {
  public static let zScore = ReadoutKind("zScore", "every image to zero mean and unit deviation, as in the paper") {
    _ in
    ZScoreReadout()
  }
  public static let affine = ReadoutKind("affine", "z-score with one trained gain and bias") { _ in
    ZScoreReadout(isAffine: true)
  }
}
