import Catalogues
import Diffusion

/// The update as printed in the paper, x_{t−1} = (x_t − β_t·ε̂)/√(1−β_t) (Oguz et al., equation 1), over all steps.
///
/// It lacks the factor 1/√(1−ᾱ_t) and the noise of ``DDPMSampler``, and so shrinks everything towards the mean image. It is
/// here to show that.
struct PaperPrintedSampler: Sampler {
  static let declaration = Declaration("printed", "the update as printed in the paper, over all steps")

  init() {}
  init(spacing: TimestepSpacing, options: Options) {}

  func timesteps(of schedule: NoiseSchedule) throws -> [Int] { (1...schedule.steps).reversed() }

  func update(_ step: SamplerStep) -> SamplerUpdate {
    let (t, schedule) = (step.from, step.schedule)
    let beta = schedule.beta(t)
    let shrinkage = (1 - beta).squareRoot()
    return SamplerUpdate(
      image: [schedule.alphaBar(t).squareRoot() / shrinkage],
      noise: [((1 - schedule.alphaBar(t)).squareRoot() - beta) / shrinkage])
  }
}
