import Arrays
import Catalogues
import Diffusion
import Numerics

/// The readout's numbers F correct an estimate of the image: x̂₀ = tanh(atanh(0.97 µ) + a·√ᾱ/(1 − ᾱ + 0.1)·(x_t − √ᾱ µ) + F),
/// with µ the mean image and one trained weight a. The saturation knows that strokes are black or white, and nothing is
/// divided by √ᾱ. The loss is the squared error in x₀, weighted by the inverse of a linear estimator's.
public struct SaturatingImageObjective: Objective {
  public static let declaration = Declaration(
    "saturatingImage", "the image, through a saturation, with the error weighted by that of a linear estimator")

  public init() {}

  public var initialParameters: [Float] { [0.3] }

  public func target(of batch: NoisyBatch) -> Stack<Float> { batch.clean }

  public func weight(alphaBar: Double, variance: Double) -> Float {
    Float((alphaBar * variance + 1 - alphaBar) / (variance * (1 - alphaBar)))
  }

  public func estimate(
    _ output: Stack<Float>, noisy: Stack<Float>, alphaBars: [Double], mean: [Float], parameters: [Float]
  ) -> ObjectiveEstimate {
    let weight = parameters.first ?? 0
    var (values, slopes, evidences) = (output, output, output)
    for plane in 0..<output.count {
      let skip = Skip(alphaBar: alphaBars[plane])
      for (pixel, index) in output.range(ofPlane: plane).enumerated() {
        let evidence = skip.evidence(noisy.values[index], mean: mean[pixel])
        let argument = Float.atanh(0.97 * mean[pixel]) + weight * evidence
        let value = Float.tanh(argument + output.values[index])
        values.values[index] = value
        slopes.values[index] = 1 - value * value
        evidences.values[index] = evidence
      }
    }
    return ObjectiveEstimate(values: values, slopes: slopes, equivalents: [evidences])
  }

  public func prediction(_ estimate: Stack<Float>, noisy: Stack<Float>, alphaBar: Double) -> Prediction<Float> {
    .image(estimate)
  }

  public func imageErrorWeight(alphaBar: Double) -> Double { 1 }

  /// What x_t itself says about the image.
  private struct Skip {
    let signal: Float
    let factor: Float

    init(alphaBar: Double) {
      signal = Float(alphaBar.squareRoot())
      factor = signal / Float(1 - alphaBar + 0.1)
    }

    func evidence(_ noisy: Float, mean: Float) -> Float { factor * (noisy - signal * mean) }
  }
}
