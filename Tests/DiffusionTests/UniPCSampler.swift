import Catalogues
import Diffusion
import Glibc

/// UniPC of first order with its corrector (Zhao et al., 2023, B(h) = e^h − 1, predicting x₀): what the denoiser says of a
/// predicted state first corrects that state, and the next step starts from the corrected one.
struct UniPCSampler: Sampler {
  static let declaration = Declaration("unipc", "UniPC of first order with its corrector")
  static let keptStates = 1

  var spacing: TimestepSpacing

  init(spacing: TimestepSpacing) { self.spacing = spacing }
  init(spacing: TimestepSpacing, options: Options) { self.init(spacing: spacing) }

  func timesteps(of schedule: NoiseSchedule) throws -> [Int] { try spacing.timesteps(of: schedule) }

  func update(_ step: SamplerStep) -> SamplerUpdate {
    guard step.to > 0 else { return SamplerUpdate(correction: correction(step), next: Combination(image: [1])) }
    let (ratio, gain) = Self.exponential(from: step.from, to: step.to, step.schedule)
    return SamplerUpdate(correction: correction(step), next: Combination(image: [gain], state: [ratio]))
  }

  private func correction(_ step: SamplerStep) -> Combination? {
    guard step.past > 0 else { return nil }
    let (ratio, gain) = Self.exponential(from: step.timestep(before: 1), to: step.from, step.schedule)
    return Combination(image: [gain / 2, gain / 2], state: [0, ratio])
  }

  /// σ_s/σ_t and −α_s·(e^−h − 1), with h the growth of ln(α/σ).
  private static func exponential(from t: Int, to s: Int, _ schedule: NoiseSchedule) -> (Double, Double) {
    let ratio = ((1 - schedule.alphaBar(s)) / (1 - schedule.alphaBar(t))).squareRoot()
    let h = (schedule.lnSNR(s) - schedule.lnSNR(t)) / 2
    return (ratio, -schedule.alphaBar(s).squareRoot() * expm1(-h))
  }
}
