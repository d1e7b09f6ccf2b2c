/// Implicit sampling (Song et al., 2021, equation 12).
public struct DDIMSampler: Sampler {
  public var spacing: TimestepSpacing
  /// η: 0 is deterministic, 1 is ``DDPMSampler`` with β̃.
  public var eta: Double

  public init(spacing: TimestepSpacing, eta: Double = 0) {
    self.spacing = spacing
    self.eta = eta
  }

  public func timesteps(of schedule: NoiseSchedule) throws -> [Int] {
    guard (0...1).contains(eta) else {
      throw DiffusionError.argument(name: "eta", found: "\(eta)", expected: "a number from 0 to 1")
    }
    return try spacing.timesteps(of: schedule)
  }

  public func update(_ index: Int, timesteps: [Int], schedule: NoiseSchedule) -> SamplerUpdate {
    let from = schedule.alphaBar(timesteps[index])
    let to = schedule.alphaBar(timesteps[index + 1])
    let sigmaSquared = eta * eta * (1 - to) / (1 - from) * (1 - from / to)
    return SamplerUpdate(
      image: [to.squareRoot()], noise: [max(0, 1 - to - sigmaSquared).squareRoot()], fresh: sigmaSquared.squareRoot())
  }
}
