import Catalogues

/// Implicit sampling (Song et al., 2021, equation 12).
public struct DDIMSampler: Sampler {
  public static let declaration = Declaration(
    "ddim", "implicit sampling, without fresh noise unless eta is given",
    parameters: [
      Parameter("eta", .number(0...1), "fresh noise: 0 none, 1 as much as ddpm with betaTilde", standard: .number(0))
    ])

  public var spacing: TimestepSpacing
  /// η: 0 is deterministic, 1 is ``DDPMSampler`` with β̃.
  public var eta: Double

  public init(spacing: TimestepSpacing, eta: Double = 0) {
    self.spacing = spacing
    self.eta = eta
  }

  public init(spacing: TimestepSpacing, options: Options) { self.init(spacing: spacing, eta: options.number("eta")) }

  public func timesteps(of schedule: NoiseSchedule) throws -> [Int] {
    guard (0...1).contains(eta) else {
      throw DiffusionError.argument(name: "eta", found: "\(eta)", expected: "a number from 0 to 1")
    }
    return try spacing.timesteps(of: schedule)
  }

  public func update(_ step: SamplerStep) -> SamplerUpdate {
    let from = step.schedule.alphaBar(step.from)
    let to = step.schedule.alphaBar(step.to)
    let sigmaSquared = eta * eta * (1 - to) / (1 - from) * (1 - from / to)
    return SamplerUpdate(
      image: [to.squareRoot()], noise: [max(0, 1 - to - sigmaSquared).squareRoot()], fresh: sigmaSquared.squareRoot())
  }
}
