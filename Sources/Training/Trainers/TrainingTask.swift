import Arrays
import Diffusion
import Twin

/// A batch that a layer set is to denoise, and the loss of what is measured with it.
public struct TrainingTask: Sendable {
  public let method: Method
  public var set: LayerSet
  public let batch: NoisyBatch
  /// The batch as images on the beam, in 0…1.
  public let inputs: Stack<Float>
  /// Counted from 0.
  public let step: Int
  private let data: DenoisingData

  init(method: Method, set: LayerSet, batch: NoisyBatch, data: DenoisingData, step: Int) {
    (self.method, self.set, self.batch) = (method, set, batch)
    (self.data, self.step) = (data, step)
    inputs = method.recipe.scaling(batch.noisy)
  }

  /// The loss of the intensities that the set gave for the inputs, and which way is down.
  public func judge(_ intensities: Stack<Float>) -> TaskLoss {
    let pass = method.readout(of: set, pixels: intensities.planeSize).forward(intensities)
    let loss = method.objective.loss(pass.output, batch, data, parameters: set.objectiveParameters)
    let (slopes, readout) = pass.pullback(loss.gradient)
    return TaskLoss(
      loss: loss.loss, error: loss.error, intensitySlopes: slopes, readoutSlopes: readout,
      objectiveSlopes: loss.parameterGradient)
  }
}

/// The loss of a batch with its slopes.
public struct TaskLoss: Sendable {
  /// What is minimised.
  public let loss: Double
  /// Mean squared error of the prediction.
  public let error: Double
  /// ∂L/∂ the intensities.
  public var intensitySlopes: Stack<Float>
  /// ∂L/∂ the numbers of the readout and of the objective, which need no knowledge of the optics.
  public let readoutSlopes: [Float]
  public let objectiveSlopes: [Float]
}
