import Arrays
import Diffusion
import Measuring
import Optics
import Twin

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
    of set: LayerSet, on unit: any OpticalUnit, recipe: Recipe, material: ModelTraining.Material,
    schedule: NoiseSchedule, count: Int, random: CounterRandom
  ) async throws {
    let batch = material.test.batch(count, steps: set.steps, schedule: schedule, random: random)
    let intensities = try await unit.intensities(layers: set.phases, inputs: recipe.scaling(batch.noisy), block: nil)
    let output = set.readout(recipe, pixels: intensities.planeSize).forward(intensities).output
    error = recipe.head.loss(output, batch, material.training, parameters: set.headParameters).error
    meanImage = Self.error(of: batch, head: recipe.head) { _ in material.training.mean.map { Double($0) } }
    wiener = Self.error(of: batch, head: recipe.head) { plane in
      let noisy = batch.noisy.planes(plane..<plane + 1).converted(to: Double.self)
      return material.baseline.wienerEstimate(noisy, alphaBar: batch.alphaBars[plane]).values
    }
    self.count = count
  }

  /// The error of another estimate of x₀; as an error of ε for a head that predicts noise.
  private static func error(
    of batch: NoisyBatch, head: DenoisingHead, estimate: (_ plane: Int) -> [Double]
  ) -> Double {
    var sum = 0.0
    for plane in 0..<batch.clean.count {
      let alphaBar = batch.alphaBars[plane]
      let weight = head == .noise ? alphaBar / (1 - alphaBar) : 1
      for (value, index) in zip(estimate(plane), batch.clean.range(ofPlane: plane)) {
        let error = value - Double(batch.clean.values[index])
        sum += weight * error * error
      }
    }
    return sum / Double(max(1, batch.clean.values.count))
  }
}

extension LayerSet {
  /// A copy whose readout statistics were measured on `unit` with `count` images: what generation on that unit needs.
  public func freezing(
    on unit: any OpticalUnit, recipe: Recipe, data: DenoisingData, schedule: NoiseSchedule, count: Int,
    random: CounterRandom
  ) async throws -> LayerSet {
    guard recipe.readout == .batchNormalised else { return self }
    let batch = data.batch(count, steps: steps, schedule: schedule, random: random)
    let intensities = try await unit.intensities(layers: phases, inputs: recipe.scaling(batch.noisy), block: nil)
    var copy = self
    copy.statistics = BatchNormalisedReadout.statistics(of: intensities).0
    return copy
  }
}
