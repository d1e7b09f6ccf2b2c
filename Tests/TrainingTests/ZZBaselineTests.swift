import Arrays
import Concurrency
import Diffusion
import Foundation
import Optics
import Testing
import Training
import Twin

/// Temporary: prints hashes.
@Suite struct ZZBaselineTests {
  private struct Hash {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01b3 }
    mutating func add(_ values: [Float]) { for x in values { add(UInt64(x.bitPattern)) } }
    mutating func add(_ x: Double) { add(x.bitPattern) }
  }
  private let description = SmallBench.cavity(grid: 48, layers: 3, block: 4)

  private func material() throws -> TrainingMaterial {
    try TrainingMaterial(training: bars(80, size: 10, seed: 1), test: bars(40, size: 10, seed: 2), name: "bars")
  }

  private func line(_ name: String, _ hash: Hash) { print("BASELINE \(name) \(hash.value)") }

  private func hash(_ model: DenoisingModel) -> Hash {
    var hash = Hash()
    hash.add(model.mean)
    for set in model.sets.compactMap({ $0 }) {
      hash.add(set.phases.values)
      hash.add(set.readoutParameters)
      hash.add(set.objectiveParameters)
      if let statistics = set.statistics { hash.add(statistics.mean + [statistics.scale]) }
    }
    for parameter in model.parameters.all { hash.add(parameter.value) }
    return hash
  }

  @Test(arguments: ["offline", "pat", "online"]) func train(mode: String) async throws {
    let twin = try Twin<Float>(
      description, parameters: SmallBench.parameters(description, factor: 1.1), threads: 1)
    let bench = NoisyUnit(twin: try twin.with(SmallBench.parameters(description)), noise: 0.01)
    let training = try ModelRun(
      recipe: .short(mode, images: 200, benchSteps: 3, judging: 16), material: try material(), twin: twin, bench: bench,
      seed: 1)
    let outcomes = Locked<Hash>(Hash())
    let model = try await training.run(
      saveModel: { _ in },
      report: { event in
        outcomes.withLock { hash in
          switch event {
          case .finished(let outcome):
            for x in [outcome.errorAfterTwin, outcome.error, outcome.meanImage, outcome.wiener, Double(outcome.frames)]
            {
              hash.add(x)
            }
          case .step(_, _, _, _, let step): hash.add(step.loss)
          default: break
          }
        }
      })
    line("\(mode) model", hash(model))
    line("\(mode) outcomes", outcomes.withLock { $0 })
    let schedule = try model.recipe.schedule.make()
    let spacing = TimestepSpacing(.trailing, count: 8, first: schedule.steps, last: model.endStep)
    for sampler in [DDIMSampler(spacing: spacing), DDPMSampler(spacing: spacing), DPMSolverSampler(spacing: spacing)]
      as [any Sampler]
    {
      let sampling = Sampling(
        schedule: schedule, sampler: sampler, clip: -1...1,
        contrast: Sampling.ContrastGain(gain: 1.3, from: 160, mean: model.mean.map { Double($0) }))
      let images = try await sampling.images(
        count: 3, height: 10, width: 10, random: CounterRandom(seed: 4).stream(named: "generation"),
        denoiser: try model.denoiser(on: mode == "online" ? bench : twin))
      var hash = Hash()
      hash.add(images.values)
      line("\(mode) \(type(of: sampler))", hash)
    }
  }

  @Test func paper() async throws {
    let twin = try Twin<Float>(description, parameters: SmallBench.parameters(description, factor: 1.1), threads: 1)
    var recipe = try Recipe.short("offline", images: 200, benchSteps: 3, judging: 16)
    (recipe.readout, recipe.objective) = ("pixelAffine", "noise")
    let training = try ModelRun(
      recipe: recipe, material: try material(), twin: twin, bench: nil, seed: 1)
    line("noise model", hash(try await training.run(saveModel: { _ in }, report: { _ in })))
  }

  @Test func compare() async throws {
    let bench = try Twin<Float>(description, parameters: SmallBench.parameters(description))
    let start = TrainerComparison.misaligned(bench.parameters, factor: 1.2)
    let comparison = try TrainerComparison(
      recipe: Recipe(edges: [0, 300, 450, 1000], batch: 16), material: try material(), calibrated: bench,
      misaligned: try bench.with(start), bench: bench, set: 1, steps: 6, evaluationImages: 32, seed: 1)
    for contender in TrainerComparison.Contender.standard {
      let outcome = try await comparison.run(contender) { _ in }
      var hash = Hash()
      for step in outcome.steps {
        hash.add(step.loss)
        hash.add(step.discrepancy?.pearson ?? 0)
      }
      for parameter in outcome.parameters.all { hash.add(parameter.value) }
      hash.add(outcome.evaluation.error)
      hash.add(outcome.evaluation.wiener)
      hash.add(outcome.discrepancy.pearson)
      hash.add(Double(outcome.frames))
      line("compare \(contender.name)", hash)
    }
  }
}
