import Catalogues

/// Ancestral sampling (Ho et al., 2020, algorithm 2), also on a subset of the steps. The last step is noiseless.
public struct DDPMSampler: Sampler {
  public static let declaration = Declaration(
    "ddpm", "ancestral sampling, with fresh noise in every step",
    parameters: [
      Parameter(
        "variance", .choice(Variance.allCases.map(\.rawValue)), "the variance of the fresh noise",
        standard: .text(Variance.beta.rawValue))
    ])

  /// The variance of the noise that a step from t to s adds.
  public enum Variance: String, Sendable, Codable, CaseIterable {
    /// β of the step, right for data that are white noise.
    case beta
    /// β·(1−ᾱ_s)/(1−ᾱ_t), right for data that are one image.
    case betaTilde
    /// No noise.
    case zero
  }

  public var spacing: TimestepSpacing
  public var variance: Variance

  public init(spacing: TimestepSpacing, variance: Variance = .beta) {
    self.spacing = spacing
    self.variance = variance
  }

  public init(spacing: TimestepSpacing, options: Options) {
    self.init(spacing: spacing, variance: Variance(rawValue: options.text("variance")) ?? .beta)
  }

  public func timesteps(of schedule: NoiseSchedule) throws -> [Int] { try spacing.timesteps(of: schedule) }

  public func update(_ step: SamplerStep) -> SamplerUpdate {
    let from = step.schedule.alphaBar(step.from)
    let to = step.schedule.alphaBar(step.to)
    let beta = 1 - from / to
    let sigmaSquared =
      switch variance {
      case .beta: step.to == 0 ? 0 : beta
      case .betaTilde: beta * (1 - to) / (1 - from)
      case .zero: 0.0
      }
    return SamplerUpdate(
      image: [to.squareRoot()], noise: [(from / to).squareRoot() * (1 - to) / (1 - from).squareRoot()],
      fresh: sigmaSquared.squareRoot())
  }
}
