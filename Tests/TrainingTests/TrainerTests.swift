import Arrays
import Catalogues
import Diffusion
import Optics
import Testing
import Training
import Twin

@Suite struct TrainerTests {
  private let description = SmallBench.cavity(grid: 48, layers: 3, block: 4)
  private let data = DenoisingData(images: bars(60, size: 10, seed: 1))
  private let random = CounterRandom(seed: 2)
  private let unknownAlignment: [String: Parameter.Value] = [
    "refinementRate": .number(1), "refinementEnd": .number(0.02), "refinementSampling": .integer(1),
  ]

  private func recipe(_ readout: String = "batchNormalised", _ objective: String = "saturatingImage") -> Recipe {
    Recipe(edges: [0, 300, 1000], readout: readout, objective: objective, batch: 12, phaseRate: 0.05)
  }

  private func set(_ twin: Twin<Float>, _ recipe: Recipe) throws -> LayerSet {
    try Method(recipe).freshSet(
      steps: 301...600, phases: recipe.initialPhases(for: twin, random: random), pixels: 100)
  }

  private func training(_ set: LayerSet, _ trainer: any Trainer, _ recipe: Recipe, steps: Int = 40) throws
    -> SetTraining
  {
    SetTraining(
      set: set, trainer: trainer, method: try Method(recipe), data: data, schedule: try NoiseSchedule(),
      totalSteps: steps, random: random)
  }

  @Test("with no misalignment, offline, frozen-twin and online training are the same, step for step")
  func zeroMisalignment() async throws {
    let twin = try Twin<Float>(description, parameters: SmallBench.parameters(description))
    let recipe = recipe()
    let trainers: [any Trainer] = [
      try OfflineTrainer.made(twin), try FrozenTwinTrainer.made(twin, bench: twin),
      try OnlineTrainer.made(twin, bench: twin, options: unknownAlignment),
    ]
    var runs = try trainers.map { try training(set(twin, recipe), $0, recipe) }
    for _ in 0..<8 {
      var steps: [TrainingStep] = []
      for index in runs.indices { steps.append(try await runs[index].step()) }
      for other in steps.dropFirst() {
        #expect(abs(other.loss / steps[0].loss - 1) < 1e-6)
        #expect(abs(other.error / steps[0].error - 1) < 1e-6)
        #expect((other.discrepancy?.pearson ?? 1) < 1e-6)
      }
      #expect(steps.map(\.frames) == [0, 12, 12])
    }
    for parameter in twin.parameters.all {
      let found = try #require(runs[2].trainer.refined)[parameter.name]
      #expect(abs(found - parameter.value) < 1e-6 * parameter.scale)
    }
    #expect(try runs[0].set.phases != set(twin, recipe).phases, "the layers were trained")
  }

  @Test("a frozen twin stays as it is and an online twin moves towards the bench")
  func movingTwin() async throws {
    let truth = SmallBench.parameters(description)
    let bench = try Twin<Float>(description, parameters: truth)
    let start = try bench.with(SmallBench.parameters(description, factor: 1.2))
    let recipe = recipe()
    var frozen = try training(set(start, recipe), FrozenTwinTrainer.made(start, bench: bench), recipe)
    var online = try training(
      set(start, recipe), OnlineTrainer.made(start, bench: bench, options: unknownAlignment), recipe)
    var (first, last): (TrainingStep?, TrainingStep?)
    for step in 0..<40 {
      if step < 2 { _ = try await frozen.step() }
      last = try await online.step()
      first = first ?? last
    }
    #expect(frozen.trainer.refined == nil)
    let before = try #require(first?.discrepancy?.pearson)
    let after = try #require(last?.discrepancy?.pearson)
    #expect(after < before / 4, "\(before) → \(after)")
    func distance(_ parameters: TwinParameters) -> Double {
      truth.all.reduce(0) { $0 + abs(parameters[$1.name] - $1.value) / $1.scale }
    }
    let refined = try #require(online.trainer.refined)
    #expect(distance(refined) < distance(start.parameters) / 2)
  }

  /// The bench with the detector that a readout needs for images of 10×10 pixels.
  private func description(_ readout: String) throws -> TwinDescription {
    guard try ReadoutCatalogue.standard.member(named: readout).samplesPerPixel == 2 else { return description }
    var description = description
    description.detector = DetectorDescription(block: 2, region: Region(x: 4, y: 14, width: 40, height: 20))
    return description
  }

  static let kinds: [(String, String)] = ReadoutCatalogue.standard.names.flatMap { readout in
    ObjectiveCatalogue.standard.names.map { (readout, $0) }
  }

  @Test("one small step on a batch lowers the loss of that batch, for every readout and objective", arguments: kinds)
  func descent(readout: String, objective: String) async throws {
    let twin = try Twin<Float>(description(readout))
    var recipe = recipe(readout, objective)
    (recipe.phaseRate, recipe.readoutRate) = (0.01, 0.005)
    var first = try training(set(twin, recipe), OfflineTrainer.made(twin), recipe)
    let before = try await first.step()
    var second = try training(first.set, OfflineTrainer.made(twin), recipe)
    #expect(try await second.step().loss < before.loss)
  }

  @Test("the first step moves phases, readout and objective against the slope of the loss", arguments: kinds)
  func direction(readout: String, objective: String) async throws {
    let twin = try Twin<Float>(description(readout))
    let recipe = recipe(readout, objective)
    var start = try set(twin, recipe)
    // Away from the symmetric start of gains and biases.
    for index in start.readoutParameters.indices {
      start.readoutParameters[index] += 0.1 * Float(random.normal(at: UInt64(index)))
    }
    var moved = try training(start, OfflineTrainer.made(twin), recipe)
    _ = try await moved.step()
    let end = moved.set

    func slope(_ change: (inout LayerSet, Float) -> Void) async throws -> Double {
      var losses: [Double] = []
      for step in [Float(0.02), -0.02] {
        var set = start
        change(&set, step)
        var training = try training(set, OfflineTrainer.made(twin), recipe)
        losses.append(try await training.step().loss)
      }
      return (losses[0] - losses[1]) / 0.04
    }
    var checked = 0
    func check(_ change: Float, _ slope: Double) {
      guard abs(slope) > 3e-5 else { return }
      checked += 1
      #expect(Double(change) * slope < 0, "moved by \(change) at a slope of \(slope)")
    }
    for index in stride(from: 24 * 48 + 10, to: start.phases.values.count, by: 431) {
      check(
        end.phases.values[index] - start.phases.values[index], try await slope { $0.phases.values[index] += $1 })
    }
    for index in stride(from: 0, to: start.readoutParameters.count, by: max(1, start.readoutParameters.count / 16)) {
      check(
        end.readoutParameters[index] - start.readoutParameters[index],
        try await slope { $0.readoutParameters[index] += $1 })
    }
    for index in start.objectiveParameters.indices {
      check(
        end.objectiveParameters[index] - start.objectiveParameters[index],
        try await slope { $0.objectiveParameters[index] += $1 })
    }
    #expect(checked >= 6, "\(checked)")
  }
}
