import Arrays
import BenchTestKit
import Diffusion
import Optics
import Testing
import Training
import Twin

/// That one layer set can be trained by itself: as a task on a cluster, in a comparison, in a test.
@Suite struct SetRunTests {
  private let folder: TemporaryFolder
  private let description = SmallBench.cavity(grid: 48, layers: 3, block: 4)

  init() throws { folder = try TemporaryFolder() }

  private func model(isWarm: Bool) throws -> ModelRun {
    let bench = try Twin<Float>(description, parameters: SmallBench.parameters(description), threads: 1)
    let twin = try bench.with(SmallBench.parameters(description, factor: 1.1))
    let material = try TrainingMaterial(
      training: bars(80, size: 10, seed: 1), test: bars(40, size: 10, seed: 2), name: "bars")
    var recipe = try Recipe.short("pat", images: 120, benchSteps: 3, judging: 12, saveEvery: (4, 2))
    recipe.start.isWarm = isWarm
    return try ModelRun(recipe: recipe, material: material, twin: twin, bench: bench, seed: 1)
  }

  private func outcome(of start: SetRun) async throws -> SetRun.Outcome {
    var run = start
    while let event = try await run.advance() {
      if case .finished(let outcome) = event { return outcome }
    }
    throw CancellationError()
  }

  @Test("sets that start by themselves can be trained apart in any order, and are those of the model bit for bit")
  func apart() async throws {
    let request = try model(isWarm: false)
    let whole = try await request.run(saveModel: { _ in }, report: { _ in })
    for index in [1, 2] {
      let outcome = try await outcome(of: request.setRun(index))
      #expect(outcome.frozen == whole.sets[index])
      #expect(outcome.errors.count == 2 && outcome.errors[1] == outcome.evaluation.error)
      #expect(outcome.frames == 3 * 10 + 2 * (12 + 12))
    }
  }

  @Test("a set that starts warm is that of the model when it is given the set before it")
  func warm() async throws {
    let request = try model(isWarm: true)
    let whole = try await request.run(saveModel: { _ in }, report: { _ in })
    let first = try await outcome(of: request.setRun(2))
    #expect(first.frozen == whole.sets[2])
    #expect(try await outcome(of: request.setRun(1, from: first.set)).frozen == whole.sets[1])
    #expect(try await outcome(of: request.setRun(1)).frozen != whole.sets[1])
  }

  @Test("a run that continues from the file of any of its checkpoints ends with the same bits")
  func checkpoints() async throws {
    let request = try model(isWarm: false)
    let expected = try await outcome(of: request.setRun(1))
    var run = try request.setRun(1)
    var saved = 0
    while let event = try await run.advance() {
      switch event {
      case .step(_, _, false), .finished: continue
      case .step, .stageEnded: break
      }
      saved += 1
      let path = folder.file("set-\(saved).state")
      try SetCheckpoint(run, set: 1, of: request).save(to: path)
      let checkpoint = try #require(try SetCheckpoint.load(from: path))
      let ending = try await outcome(of: checkpoint.resume(1, of: request))
      #expect(ending.frozen == expected.frozen && ending.frames == expected.frames && ending.errors == expected.errors)
    }
    // On the twin after steps 4 and 6 of 6, on the bench after steps 2 and 3 of 3, and at the end of either.
    #expect(saved == 6)
  }

  @Test("a checkpoint of another set or of another training is refused")
  func foreign() async throws {
    let request = try model(isWarm: false)
    var run = try request.setRun(1)
    _ = try await run.advance()
    let checkpoint = try SetCheckpoint(run, set: 1, of: request)
    #expect(throws: TrainingError.checkpoint("it is one of set 1, not of set 2")) {
      try checkpoint.resume(2, of: request)
    }
    let other = try model(isWarm: true)
    #expect(throws: TrainingError.checkpoint("it was made with another recipe")) { try checkpoint.resume(1, of: other) }
    #expect(try SetCheckpoint.load(from: folder.file("none")) == nil)
  }
}
