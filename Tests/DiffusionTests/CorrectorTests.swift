import Arrays
import Catalogues
import Diffusion
import Glibc
import Testing

/// That a rule with a corrector, which needs the states that it kept, can be written as a sampler and found by its name.
@Suite struct CorrectorTests {
  private let schedule: NoiseSchedule
  private let random = CounterRandom(seed: 5)

  init() throws { schedule = try NoiseSchedule() }

  /// E[x₀ | x] for pixels that are +1 or −1, as likely as each other.
  private func posteriorMean(_ x: Double, _ t: Int) -> Double {
    let alphaBar = schedule.alphaBar(t)
    return tanh(alphaBar.squareRoot() * x / (1 - alphaBar))
  }

  private func images(_ sampler: any Sampler, from start: [Double]) async throws -> [Double] {
    let x = Stack<Double>(count: 1, height: 1, width: start.count, values: start)
    return try await Sampling(schedule: schedule, sampler: sampler).images(from: x, random: random) { x, t in
      .image(Stack(count: 1, height: 1, width: x.width, values: x.values.map { posteriorMean($0, t) }))
    }.values
  }

  /// The same rule written as its paper has it, state by state.
  private func reference(_ start: Double, _ timesteps: [Int]) -> Double {
    func level(_ t: Int) -> (alpha: Double, sigma: Double) {
      (schedule.alphaBar(t).squareRoot(), (1 - schedule.alphaBar(t)).squareRoot())
    }
    func lead(_ x: Double, _ m: Double, from t: Int, to s: Int) -> Double {
      let (a, b) = (level(t), level(s))
      let h = log(b.alpha / b.sigma) - log(a.alpha / a.sigma)
      return b.sigma / a.sigma * x - b.alpha * (exp(-h) - 1) * m
    }
    var corrected = start
    var m = posteriorMean(start, timesteps[0])
    for (t, s) in zip(timesteps, timesteps.dropFirst()) {
      let predicted = lead(corrected, m, from: t, to: s)
      let new = posteriorMean(predicted, s)
      corrected = lead(corrected, (m + new) / 2, from: t, to: s)
      m = new
    }
    return m
  }

  @Test("UniPC with its corrector is what its paper says, written out state by state", arguments: [2, 5, 20])
  func secondImplementation(count: Int) async throws {
    let sampler = UniPCSampler(spacing: TimestepSpacing(.inclusive, count: count, first: 980, last: 20))
    let start = [-2.5, -0.3, 0.02, 0.7, 1.9]
    let found = try await images(sampler, from: start)
    let timesteps = try sampler.timesteps(of: schedule)
    for (x, image) in zip(start, found) { #expect(abs(image - reference(x, timesteps)) < 1e-12) }
  }

  @Test("on standard normal data, whose flow is known, halving the steps of UniPC costs a factor of four")
  func order() async throws {
    let x = Stack<Double>(count: 1, height: 1, width: 1, values: [1])
    var errors: [Double] = []
    for count in [20, 40, 80] {
      let sampler = UniPCSampler(spacing: TimestepSpacing(.inclusive, count: count, first: 900, last: 100))
      let images = try await Sampling(schedule: schedule, sampler: sampler).images(from: x, random: random) {
        [schedule] x, t in
        .image(Stack(count: 1, height: 1, width: 1, values: [schedule.alphaBar(t).squareRoot() * x.values[0]]))
      }
      // The flow leaves x as it is; the image is the estimate at the last step.
      errors.append(abs(images.values[0] / schedule.alphaBar(100).squareRoot() - 1))
    }
    #expect(errors[0] / errors[1] > 3 && errors[1] / errors[2] > 3, "\(errors)")
  }

  @Test("coefficients for more than there is are refused")
  func tooFar() async throws {
    struct Greedy: Sampler {
      static let declaration = UniPCSampler.declaration
      init() {}
      init(spacing: TimestepSpacing, options: Options) {}
      func timesteps(of schedule: NoiseSchedule) throws -> [Int] { [900, 500] }
      func update(_ step: SamplerStep) -> SamplerUpdate { SamplerUpdate(next: Combination(state: [0, 1])) }
    }
    await #expect(throws: DiffusionError.self) { try await images(Greedy(), from: [1]) }
  }
}
