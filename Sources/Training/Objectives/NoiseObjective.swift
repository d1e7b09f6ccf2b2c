import Arrays
import Catalogues
import Diffusion

/// The readout's numbers are the noise ε, as in the paper; the loss is the plain mean squared error.
public struct NoiseObjective: Objective {
  public static let declaration = Declaration("noise", "the noise ε, with plain squared error, as in the paper")

  public init() {}

  public func target(of batch: NoisyBatch) -> Stack<Float> { batch.noise }

  public func weight(alphaBar: Double, variance: Double) -> Float { 1 }

  public func estimate(
    _ output: Stack<Float>, noisy: Stack<Float>, alphaBars: [Double], mean: [Float], parameters: [Float]
  ) -> ObjectiveEstimate {
    ObjectiveEstimate(
      values: output,
      slopes: Stack(count: output.count, height: output.height, width: output.width, repeating: 1))
  }

  public func prediction(_ estimate: Stack<Float>, noisy: Stack<Float>, alphaBar: Double) -> Prediction<Float> {
    .noise(estimate)
  }

  public func imageErrorWeight(alphaBar: Double) -> Double { alphaBar / (1 - alphaBar) }
}
