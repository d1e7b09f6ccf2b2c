import Arrays
import Concurrency
import Diffusion
import Optics
import Testing
import Training
import Twin

@Suite struct ModelTrainingTests {
  private let description = SmallBench.cavity(grid: 48, layers: 3, block: 4)

  private func material() throws -> TrainingMaterial {
    try TrainingMaterial(
      training: bars(80, size: 10, seed: 1), test: bars(40, size: 10, seed: 2), name: "bars")
  }

  private func train(
    _ trainer: String = "online", seed: UInt64 = 1, threads: Int = 1
  ) async throws -> (model: DenoisingModel, outcomes: [SetOutcome], checkpoints: Int) {
    let twin = try Twin<Float>(
      description, parameters: SmallBench.parameters(description, factor: 1.1), threads: threads)
    let bench = try twin.with(SmallBench.parameters(description))
    let training = try ModelRun(
      recipe: .short(trainer, images: 200, benchSteps: 3, judging: 16), material: try material(), twin: twin,
      bench: bench, seed: seed)
    let outcomes = Locked<[SetOutcome]>([])
    let checkpoints = Locked(0)
    let model = try await training.run(
      saveModel: { _ in checkpoints.withLock { $0 += 1 } },
      report: { event in
        if case .finished(let outcome) = event { outcomes.withLock { $0.append(outcome) } }
      })
    return (model, outcomes.withLock { $0 }, checkpoints.withLock { $0 })
  }

  @Test(
    "the same seed trains the same model twice, and with one or two threads",
    arguments: ["online", "offline"])
  func reproducible(mode: String) async throws {
    let first = try await train(mode)
    for threads in [1, 2] {
      let again = try await train(mode, threads: threads)
      #expect(again.model == first.model)
      #expect(again.outcomes == first.outcomes)
    }
    #expect(try await train(mode, seed: 2).model != first.model)
  }

  @Test("training goes from the noisiest set down, with a checkpoint and an account of frames after each")
  func course() async throws {
    let online = try await train("online")
    #expect(online.outcomes.map(\.lastStep) == [1000, 600])
    #expect(online.checkpoints == 2)
    #expect(online.model.sets.map { $0 != nil } == [false, true, true])
    #expect(online.model.endStep == 301)
    for outcome in online.outcomes { #expect(outcome.frames == 3 * 10 + 2 * (16 + 16)) }
    let offline = try await train("offline")
    #expect(offline.outcomes.allSatisfy { $0.frames == 0 })
    #expect(offline.model.parameters == SmallBench.parameters(description, factor: 1.1))
    #expect(online.model.parameters != offline.model.parameters, "the online twin was refined")
  }

  @Test("a trained set denoises better than the mean image, on images it has not seen")
  func learns() async throws {
    let twin = try Twin<Float>(description)
    let method = try Method(Recipe(edges: [0, 300, 600, 1000], batch: 16))
    let material = try material()
    let random = CounterRandom(seed: 3)
    let schedule = try NoiseSchedule()
    var training = SetTraining(
      set: method.freshSet(
        steps: 301...450, phases: method.recipe.initialPhases(for: twin, random: random), pixels: 100),
      trainer: try OfflineTrainer.made(twin), method: method, data: material.training, schedule: schedule,
      totalSteps: 80, random: random)
    for _ in 0..<80 { _ = try await training.step() }
    let evaluation = try await Evaluation(
      of: training.set, on: twin, method: method, material: material, schedule: schedule, count: 64,
      random: random.stream(named: "evaluation"))
    #expect(evaluation.error < 0.8 * evaluation.meanImage, "\(evaluation)")
    #expect(evaluation.count == 64)
  }

  @Test(
    "angles that start 20 % high: online training beats the frozen twin and deployment, and equals the calibrated twin")
  func figureSeven() async throws {
    let description = SmallBench.cavity(grid: 48, layers: 4, block: 4)
    let bench = try Twin<Float>(description, parameters: SmallBench.parameters(description))
    let start = TrainerComparison.misaligned(bench.parameters, factor: 1.2)
    for parameter in bench.parameters.all {
      let factor = parameter.unit == "rad" ? 1.2 : 1
      #expect(abs(start[parameter.name] - factor * parameter.value) < 1e-12)
    }
    let comparison = try TrainerComparison(
      recipe: Recipe(edges: [0, 300, 450, 1000], batch: 16), material: try material(), calibrated: bench,
      misaligned: try bench.with(start), bench: bench, set: 1, steps: 80, evaluationImages: 128, seed: 1)
    var outcomes: [String: TrainerComparison.Outcome] = [:]
    for contender in TrainerComparison.Contender.standard {
      outcomes[contender.name] = try await comparison.run(contender) { _ in }
    }
    let online = try #require(outcomes["online"])
    let error = online.evaluation.error
    for worse in ["offline", "frozen"] {
      let other = try #require(outcomes[worse])
      #expect(error < 0.95 * other.evaluation.error, "\(worse): \(other.evaluation.error), online \(error)")
      #expect(other.discrepancy.pearson > 10 * online.discrepancy.pearson)
      #expect(other.parameters == start)
    }
    let calibrated = try #require(outcomes["calibrated"]?.evaluation.error)
    #expect(abs(error / calibrated - 1) < 0.05, "calibrated \(calibrated), online \(error)")
    #expect(online.discrepancy.pearson < 0.01)
    #expect(online.steps.count == 80 && online.frames == 80 * 16 + 128 + 64 + 16)
  }
}
