import Catalogues
import Glibc

/// DPM-Solver++ of second order with multiple steps (Lu et al., 2022, algorithm 2), predicting x₀.
public struct DPMSolverSampler: Sampler {
  public static let declaration = Declaration("dpmpp", "DPM-Solver++ of second order with multiple steps")

  public var spacing: TimestepSpacing

  public init(spacing: TimestepSpacing) { self.spacing = spacing }

  public init(spacing: TimestepSpacing, options: Options) { self.init(spacing: spacing) }

  public func timesteps(of schedule: NoiseSchedule) throws -> [Int] { try spacing.timesteps(of: schedule) }

  public func update(_ step: SamplerStep) -> SamplerUpdate {
    let (t, s, schedule) = (step.from, step.to, step.schedule)
    let noise = (1 - schedule.alphaBar(s)).squareRoot()
    guard step.past > 0, s > 0 else { return SamplerUpdate(image: [schedule.alphaBar(s).squareRoot()], noise: [noise]) }
    let width = (schedule.lnSNR(s) - schedule.lnSNR(t)) / 2
    let previousWidth = (schedule.lnSNR(t) - schedule.lnSNR(step.timestep(before: 1))) / 2
    let slope = -schedule.alphaBar(s).squareRoot() * expm1(-width) * width / (2 * previousWidth)
    return SamplerUpdate(image: [schedule.alphaBar(s).squareRoot() + slope, -slope], noise: [noise])
  }
}
