import Arrays
import Catalogues
import Diffusion

/// What a denoiser learns: what the readout's signed numbers are an estimate of, how far off it may be, and what follows for
/// the diffusion. A new one is a file with a conforming type and a line in ``ObjectiveCatalogue``.
public protocol Objective: Sendable {
  static var declaration: Declaration { get }

  init()

  /// Trained numbers of the objective at the start.
  var initialParameters: [Float] { get }

  /// What the estimate should be.
  func target(of batch: NoisyBatch) -> Stack<Float>

  /// What the squared error of an image counts at a step.
  ///
  /// - Parameter variance: of the images, averaged over pixels.
  func weight(alphaBar: Double, variance: Double) -> Float

  /// The estimate that the readout's numbers make, with its derivatives.
  ///
  /// - Parameters:
  ///   - alphaBars: of each image.
  ///   - mean: the mean image.
  func estimate(
    _ output: Stack<Float>, noisy: Stack<Float>, alphaBars: [Double], mean: [Float], parameters: [Float]
  ) -> ObjectiveEstimate

  /// The estimate as an answer to a sampler, for images at one step.
  func prediction(_ estimate: Stack<Float>, noisy: Stack<Float>, alphaBar: Double) -> Prediction<Float>

  /// By what the squared error of x₀ is multiplied to be one of the target.
  func imageErrorWeight(alphaBar: Double) -> Double
}

/// An estimate of the target.
public struct ObjectiveEstimate: Sendable {
  public var values: Stack<Float>
  /// ∂value/∂output.
  public var slopes: Stack<Float>
  /// For each trained number of the objective, ∂output that does the same as ∂number.
  public var equivalents: [Stack<Float>]

  public init(values: Stack<Float>, slopes: Stack<Float>, equivalents: [Stack<Float>] = []) {
    (self.values, self.slopes, self.equivalents) = (values, slopes, equivalents)
  }
}

/// The loss of a batch.
public struct ObjectiveLoss: Sendable {
  /// What is minimised.
  public let loss: Double
  /// The plain mean squared error of the estimate, for people.
  public let error: Double
  /// ∂L/∂output of the readout.
  public let gradient: Stack<Float>
  /// ∂L/∂ each trained number of the objective.
  public let parameterGradient: [Float]
}

extension Objective {
  public var initialParameters: [Float] { [] }

  /// The weighted mean squared error of the estimate, with its gradients.
  public func loss(
    _ output: Stack<Float>, _ batch: NoisyBatch, _ data: DenoisingData, parameters: [Float]
  ) -> ObjectiveLoss {
    let estimate = estimate(
      output, noisy: batch.noisy, alphaBars: batch.alphaBars, mean: data.mean, parameters: parameters)
    let target = target(of: batch)
    var gradient = output
    var (weighted, plain) = (0.0, 0.0)
    let count = Float(max(1, output.values.count))
    for plane in 0..<output.count {
      let weight = weight(alphaBar: batch.alphaBars[plane], variance: Double(data.variance))
      for index in output.range(ofPlane: plane) {
        let error = estimate.values.values[index] - target.values[index]
        plain += Double(error * error)
        weighted += Double(weight * error * error)
        gradient.values[index] = 2 * weight * error * estimate.slopes.values[index] / count
      }
    }
    let parameterGradient = estimate.equivalents.map { equivalent in
      zip(gradient.values, equivalent.values).reduce(Float(0)) { $0 + $1.0 * $1.1 }
    }
    return ObjectiveLoss(
      loss: weighted / Double(count), error: plain / Double(count), gradient: gradient,
      parameterGradient: parameterGradient)
  }
}
