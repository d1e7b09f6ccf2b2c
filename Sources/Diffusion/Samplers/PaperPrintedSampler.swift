/// The update as printed in the paper, x_{t−1} = (x_t − β_t·ε̂)/√(1−β_t) (Oguz et al., equation 1), over all steps.
///
/// It lacks the factor 1/√(1−ᾱ_t) and the noise of ``DDPMSampler``, and so shrinks everything towards the mean image. It is
/// here to show that.
public struct PaperPrintedSampler: Sampler {
  public init() {}

  public func timesteps(of schedule: NoiseSchedule) throws -> [Int] { (1...schedule.steps).reversed() }

  public func update(_ index: Int, timesteps: [Int], schedule: NoiseSchedule) -> SamplerUpdate {
    let t = timesteps[index]
    let beta = schedule.beta(t)
    let shrinkage = (1 - beta).squareRoot()
    return SamplerUpdate(
      image: [schedule.alphaBar(t).squareRoot() / shrinkage],
      noise: [((1 - schedule.alphaBar(t)).squareRoot() - beta) / shrinkage])
  }
}
