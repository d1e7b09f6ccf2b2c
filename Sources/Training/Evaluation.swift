import Arrays
import Diffusion
import Optics
import Twin

/// How well a layer set denoises on a unit, on images it has not seen.
public struct Evaluation: Sendable, Codable, Equatable {
  /// Mean squared error of the prediction (x₀ in −1…1, or ε).
  public var error: Double
  /// The same of always answering with the mean image (for ε: with zero).
  public var meanImage: Double
  /// Images evaluated.
  public var count: Int

  /// Evaluates a set on `count` images, with the batch's own statistics for a batch-normalised readout, so that a unit's
  /// scale plays no part.
  public init(
    of set: LayerSet, on unit: any OpticalUnit, recipe: Recipe, data: DenoisingData, training: DenoisingData,
    schedule: NoiseSchedule, count: Int, random: CounterRandom
  ) async throws {
    let batch = data.batch(count, steps: set.steps, schedule: schedule, random: random)
    let intensities = try await unit.measure(layers: set.phases, inputs: recipe.scaling(batch.noisy), block: nil)
    var evaluated = set
    evaluated.statistics = nil
    let output = evaluated.readout(recipe, pixels: intensities.planeSize).forward(intensities).output
    error = recipe.head.loss(output, batch, training, parameters: set.headParameters).error
    meanImage = Self.baseline(batch, head: recipe.head, mean: training.mean)
    self.count = count
  }

  private static func baseline(_ batch: NoisyBatch, head: DenoisingHead, mean: [Float]) -> Double {
    var sum = 0.0
    for index in batch.clean.values.indices {
      let error =
        head == .noise ? batch.noise.values[index] : batch.clean.values[index] - mean[index % mean.count]
      sum += Double(error * error)
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
    let intensities = try await unit.measure(layers: phases, inputs: recipe.scaling(batch.noisy), block: nil)
    var copy = self
    copy.statistics = BatchNormalisedReadout.statistics(of: intensities).0
    return copy
  }
}
