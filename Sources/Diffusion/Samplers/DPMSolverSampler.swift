import Glibc

/// DPM-Solver++ of second order with multiple steps (Lu et al., 2022, algorithm 2), predicting x₀.
public struct DPMSolverSampler: Sampler {
  public var spacing: TimestepSpacing

  public init(spacing: TimestepSpacing) { self.spacing = spacing }

  public func timesteps(of schedule: NoiseSchedule) throws -> [Int] { try spacing.timesteps(of: schedule) }

  public func update(_ index: Int, timesteps: [Int], schedule: NoiseSchedule) -> SamplerUpdate {
    let (t, s) = (timesteps[index], timesteps[index + 1])
    let noise = (1 - schedule.alphaBar(s)).squareRoot()
    guard index > 0, s > 0 else { return SamplerUpdate(image: [schedule.alphaBar(s).squareRoot()], noise: [noise]) }
    let step = (schedule.lnSNR(s) - schedule.lnSNR(t)) / 2
    let previousStep = (schedule.lnSNR(t) - schedule.lnSNR(timesteps[index - 1])) / 2
    let slope = -schedule.alphaBar(s).squareRoot() * expm1(-step) * step / (2 * previousStep)
    return SamplerUpdate(image: [schedule.alphaBar(s).squareRoot() + slope, -slope], noise: [noise])
  }
}
