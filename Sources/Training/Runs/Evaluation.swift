import Arrays
import Diffusion
import Measuring
import Optics

/// How well a layer set denoises on a unit, on images it has not seen.
public struct Evaluation: Sendable, Codable, Equatable {
  /// Mean squared error of the prediction (x₀ in −1…1, or ε).
  public var error: Double
  /// The same, on the same noisy images, of always answering with the mean image.
  public var meanImage: Double
  /// And of the Wiener filter of the training data.
  public var wiener: Double
  /// Images evaluated.
  public var count: Int

  /// Evaluates a set on `count` images, with its readout as it is: with fixed statistics when it has them, else with those
  /// of the batch.
  public init(
    of set: LayerSet, on unit: any OpticalUnit, method: Method, material: TrainingMaterial, schedule: NoiseSchedule,
    count: Int, random: CounterRandom
  ) async throws {
    let batch = material.test.batch(count, steps: set.steps, schedule: schedule, random: random)
    let task = TrainingTask(method: method, set: set, batch: batch, data: material.training, step: 0)
    let intensities = try await unit.intensities(layers: set.phases, inputs: task.inputs, block: nil)
    let output = method.readout(of: set, pixels: intensities.planeSize).forward(intensities).output
    error = method.objective.loss(output, batch, material.training, parameters: set.objectiveParameters).error
    meanImage = Self.error(of: batch, method.objective) { _ in material.training.mean.map { Double($0) } }
    wiener = Self.error(of: batch, method.objective) { plane in
      let noisy = batch.noisy.planes(plane..<plane + 1).converted(to: Double.self)
      return material.baseline.wienerEstimate(noisy, alphaBar: batch.alphaBars[plane]).values
    }
    self.count = count
  }

  /// The error of another estimate of x₀, as one of the objective's target.
  private static func error(
    of batch: NoisyBatch, _ objective: any Objective, estimate: (_ plane: Int) -> [Double]
  ) -> Double {
    var sum = 0.0
    for plane in 0..<batch.clean.count {
      let weight = objective.imageErrorWeight(alphaBar: batch.alphaBars[plane])
      for (value, index) in zip(estimate(plane), batch.clean.range(ofPlane: plane)) {
        let error = value - Double(batch.clean.values[index])
        sum += weight * error * error
      }
    }
    return sum / Double(max(1, batch.clean.values.count))
  }
}

extension LayerSet {
  /// A copy whose readout statistics were measured on `unit` with `count` images: what generation on that unit needs. Itself,
  /// without a measurement, when the readout needs none.
  public func freezing(
    on unit: any OpticalUnit, method: Method, data: DenoisingData, schedule: NoiseSchedule, count: Int,
    random: CounterRandom
  ) async throws -> LayerSet {
    guard method.readout.needsStatistics else { return self }
    let batch = data.batch(count, steps: steps, schedule: schedule, random: random)
    let inputs = method.recipe.scaling(batch.noisy)
    let intensities = try await unit.intensities(layers: phases, inputs: inputs, block: nil)
    var copy = self
    copy.statistics = method.readout(of: self, pixels: intensities.planeSize).freezing(on: intensities).statistics
    return copy
  }
}
