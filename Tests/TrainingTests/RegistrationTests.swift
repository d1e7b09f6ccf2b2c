import Arrays
import Catalogues
import Concurrency
import Diffusion
import Measuring
import Optics
import Testing
import Training
import Twin

/// That a sampler and a trainer from outside need one type and one registration each. The registrations are marked, so that a
/// script can count them.
@Suite struct RegistrationTests {
  private let description = SmallBench.cavity(grid: 48, layers: 3, block: 4)

  /// Goes straight from noise to the first estimate.
  private struct OneStepSampler: Sampler {
    static let declaration = Declaration("onestep", "the first estimate")
    init(spacing: TimestepSpacing, options: Options) {}
    func timesteps(of schedule: NoiseSchedule) throws -> [Int] { [schedule.steps] }
    func update(_ step: SamplerStep) -> SamplerUpdate { SamplerUpdate(image: [1], noise: []) }
  }

  private var catalogues: TrainingCatalogues {
    var catalogues = TrainingCatalogues.standard
    catalogues.trainers = catalogues.trainers.adding(TiltSearchTrainer.self)  // registration: trainer
    catalogues.samplers = catalogues.samplers.adding(OneStepSampler.self)  // registration: sampler
    return catalogues
  }

  private func run(_ recipe: Recipe, twin: Twin<Float>, bench: any OpticalUnit) throws -> ModelRun {
    let material = try TrainingMaterial(
      training: bars(80, size: 10, seed: 1), test: bars(40, size: 10, seed: 2), name: "bars")
    return try ModelRun(
      recipe: recipe, material: material, twin: twin, bench: bench, seed: 1, catalogues: catalogues)
  }

  @Test("a trainer without twin and derivatives, registered by one line, corrects on the bench what the twin got wrong")
  func trainer() async throws {
    let bench = try Twin<Float>(description, parameters: SmallBench.parameters(description))
    let twin = try bench.with(SmallBench.parameters(description, factor: 1.2))
    let recipe = try Recipe(edges: [0, 300, 600, 1000], batch: 16, stages: Stage.usual)
      .training(by: "tilts", trainers: catalogues.trainers)
      .spending(images: 1200, benchSteps: 36, trainers: catalogues.trainers)
    #expect(recipe.stages.map(\.trainer) == ["offline", "tilts"])
    let outcomes = Locked<[SetOutcome]>([])
    let model = try await run(recipe, twin: twin, bench: bench).run(
      saveModel: { _ in },
      report: { if case .finished(let outcome) = $0 { outcomes.withLock { $0.append(outcome) } } })
    let found = outcomes.withLock { $0 }
    #expect(found.count == 2)
    for outcome in found {
      #expect(outcome.error < outcome.errorAfterTwin, "\(outcome)")
      #expect(outcome.frames == 36 * 3 * 16 + 2 * (64 + 128))
    }
    #expect(model.parameters == twin.parameters, "it learns nothing about the bench")
  }

  @Test("such a trainer resumes with its state, to the same bits")
  func resuming() async throws {
    let bench = try Twin<Float>(description, parameters: SmallBench.parameters(description))
    let twin = try bench.with(SmallBench.parameters(description, factor: 1.2))
    let stage = Stage("tilts", .steps(9), options: ["reach": .number(0.5)], saveEvery: 5)
    let model = try run(Recipe(edges: [0, 300, 1000], batch: 8, stages: [stage]), twin: twin, bench: bench)
    var whole = try model.setRun(1)
    var saved: SetCheckpoint?
    var expected: SetRun.Outcome?
    while let event = try await whole.advance() {
      if case .step(_, let step, true) = event, step.index == 5 {
        saved = try SetCheckpoint(whole, set: 1, of: model)
      }
      if case .finished(let outcome) = event { expected = outcome }
    }
    var rest = try #require(saved).resume(1, of: model)
    while let event = try await rest.advance() {
      if case .finished(let outcome) = event { #expect(outcome.frozen == expected?.frozen) }
    }
    #expect(rest.steps == 9)
  }

  @Test("a model whose recipe names a sampler from outside samples itself by it")
  func sampler() async throws {
    var recipe = Recipe(edges: [0, 300, 1000])
    recipe.sampling = SamplingRecipe(sampler: "onestep", steps: 1)
    let model = DenoisingModel(
      recipe: recipe, mean: [Float](repeating: 0, count: 4), imageSize: 2, dataset: "none",
      parameters: SmallBench.parameters(description))
    let sampling = try model.sampling(samplers: catalogues.samplers)
    let images = try await sampling.images(count: 2, height: 2, width: 2, random: CounterRandom(seed: 1)) { x, _ in
      .image(Stack(count: x.count, height: 2, width: 2, repeating: 0.5))
    }
    // 1.3 times the contrast about the mean image, which is 0.
    #expect(images.values.allSatisfy { abs($0 - 0.65) < 1e-6 })
    #expect(throws: UnknownName.self) { try model.sampling() }
  }
}
