import Arrays
import Diffusion
import Numerics

/// What the readout's signed numbers mean: how a prediction is made of them, and the loss.
public enum DenoisingHead: String, Sendable, Codable, CaseIterable {
  /// They are the noise ε, as in the paper; the loss is the plain mean squared error.
  case noise
  /// They correct an estimate of the image: x̂₀ = tanh(atanh(0.97 µ) + a·√ᾱ/(1 − ᾱ + 0.1)·(x_t − √ᾱ µ) + F), with µ the
  /// mean image and one trained weight a. The saturation knows that strokes are black or white, and nothing is divided by
  /// √ᾱ. The loss is the squared error in x₀, weighted by the inverse of a linear estimator's.
  case saturatingImage

  /// Trained weights of the head at the start.
  public var initialParameters: [Float] {
    switch self {
    case .noise: []
    case .saturatingImage: [0.3]
    }
  }

  /// The loss of a batch with its gradients.
  func loss(_ output: Stack<Float>, _ batch: NoisyBatch, _ data: DenoisingData, parameters: [Float]) -> HeadLoss {
    switch self {
    case .noise: noiseLoss(output, batch)
    case .saturatingImage: imageLoss(output, batch, data, weight: parameters.first ?? 0)
    }
  }

  /// The prediction for images at one step.
  public func predict(
    _ output: Stack<Float>, noisy: Stack<Float>, alphaBar: Double, mean: [Float], parameters: [Float]
  ) -> Prediction<Float> {
    switch self {
    case .noise:
      return .noise(output)
    case .saturatingImage:
      var image = output
      let skip = Skip(alphaBar: alphaBar, weight: parameters.first ?? 0)
      for index in output.values.indices {
        let mu = mean[index % mean.count]
        image.values[index] = Float.tanh(skip.argument(noisy.values[index], mean: mu) + output.values[index])
      }
      return .image(image)
    }
  }

  private struct Skip {
    let signal: Float
    let factor: Float
    let weight: Float

    init(alphaBar: Double, weight: Float) {
      signal = Float(alphaBar.squareRoot())
      factor = signal / Float(1 - alphaBar + 0.1)
      self.weight = weight
    }

    func evidence(_ noisy: Float, mean: Float) -> Float { factor * (noisy - signal * mean) }
    func argument(_ noisy: Float, mean: Float) -> Float {
      Float.atanh(0.97 * mean) + weight * evidence(noisy, mean: mean)
    }
  }

  private func noiseLoss(_ output: Stack<Float>, _ batch: NoisyBatch) -> HeadLoss {
    var gradient = output
    var sum = 0.0
    let count = Float(max(1, output.values.count))
    for index in output.values.indices {
      let error = output.values[index] - batch.noise.values[index]
      sum += Double(error * error)
      gradient.values[index] = 2 * error / count
    }
    let error = sum / Double(count)
    return HeadLoss(loss: error, error: error, gradient: gradient, parameterGradient: [])
  }

  private func imageLoss(
    _ output: Stack<Float>, _ batch: NoisyBatch, _ data: DenoisingData, weight: Float
  ) -> HeadLoss {
    var gradient = output
    var weighted = 0.0
    var plain = 0.0
    var weightGradient: Float = 0
    let count = Float(max(1, output.values.count))
    for plane in 0..<output.count {
      let alphaBar = batch.alphaBars[plane]
      let skip = Skip(alphaBar: alphaBar, weight: weight)
      let variance = Double(data.variance)
      let importance = Float((alphaBar * variance + 1 - alphaBar) / (variance * (1 - alphaBar)))
      for (pixel, index) in output.range(ofPlane: plane).enumerated() {
        let mu = data.mean[pixel]
        let noisy = batch.noisy.values[index]
        let prediction = Float.tanh(skip.argument(noisy, mean: mu) + output.values[index])
        let error = prediction - batch.clean.values[index]
        plain += Double(error * error)
        weighted += Double(importance * error * error)
        let slope = 2 * importance * error * (1 - prediction * prediction) / count
        gradient.values[index] = slope
        weightGradient += slope * skip.evidence(noisy, mean: mu)
      }
    }
    return HeadLoss(
      loss: weighted / Double(count), error: plain / Double(count), gradient: gradient,
      parameterGradient: [weightGradient])
  }
}

/// The loss of a batch.
struct HeadLoss: Sendable {
  /// What is minimised.
  let loss: Double
  /// The plain mean squared error of the prediction, for people.
  let error: Double
  /// ∂L/∂output of the readout.
  let gradient: Stack<Float>
  let parameterGradient: [Float]
}
