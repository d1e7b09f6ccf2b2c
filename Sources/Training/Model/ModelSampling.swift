import Catalogues
import Diffusion

/// What a client asks of a generation in place of the model's recipe.
public struct SamplingWishes: Sendable, Equatable {
  public var sampler: String?
  public var steps: Int?
  /// The gain of the contrast.
  public var contrast: Double?

  public init(sampler: String? = nil, steps: Int? = nil, contrast: Double? = nil) {
    (self.sampler, self.steps, self.contrast) = (sampler, steps, contrast)
  }
}

extension DenoisingModel {
  /// How images are generated with the model: by its recipe, and by what is asked for instead.
  public func samplingRecipe(_ wishes: SamplingWishes = SamplingWishes()) -> SamplingRecipe {
    var sampling = recipe.sampling
    if let sampler = wishes.sampler, sampler != sampling.sampler {
      (sampling.sampler, sampling.options) = (sampler, [:])
    }
    sampling.steps = wishes.steps ?? sampling.steps
    if let gain = wishes.contrast {
      sampling.contrast = SamplingRecipe.Contrast(gain: gain, from: sampling.contrast?.from ?? 1)
    }
    sampling.lastStep = max(endStep, sampling.lastStep ?? endStep)
    return sampling
  }

  /// The sampling that ``samplingRecipe(_:)`` describes.
  public func sampling(
    _ wishes: SamplingWishes = SamplingWishes(), samplers: Catalogue<any Sampler.Type> = SamplerCatalogue.standard
  ) throws -> Sampling {
    let wanted = samplingRecipe(wishes)
    let schedule = try recipe.schedule.make()
    let spacing = TimestepSpacing(
      .trailing, count: wanted.steps, first: schedule.steps, last: wanted.lastStep ?? endStep)
    return Sampling(
      schedule: schedule,
      sampler: try samplers.sampler(named: wanted.sampler, spacing: spacing, options: wanted.options),
      clip: wanted.clip.map { -$0...$0 },
      contrast: wanted.contrast.map {
        Sampling.ContrastGain(gain: $0.gain, from: $0.from, mean: mean.map { Double($0) })
      })
  }
}
