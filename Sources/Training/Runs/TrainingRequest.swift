import Twin

/// What a training was asked for; one with another request cannot resume from its checkpoint.
struct TrainingRequest: Sendable, Equatable {
  var recipe: Recipe
  var seed: UInt64
  var bench: TwinDescription

  /// - Throws: ``TrainingError/checkpoint(_:)`` when another training was asked for.
  func check(for other: TrainingRequest) throws {
    let differences = [
      ("recipe", recipe.ofTraining == other.recipe.ofTraining), ("seed", seed == other.seed),
      ("bench", bench == other.bench),
    ]
    if let difference = differences.first(where: { !$0.1 }) {
      throw TrainingError.checkpoint("it was made with another \(difference.0)")
    }
  }
}

extension Recipe {
  /// What decides a training: neither what people call the recipe, nor how images are generated afterwards.
  fileprivate var ofTraining: Recipe {
    var recipe = self
    (recipe.name, recipe.summary, recipe.sampling) = ("", "", SamplingRecipe())
    return recipe
  }
}

extension TrainingRequest {
  init(_ run: ModelRun) { self.init(recipe: run.recipe, seed: run.seed, bench: run.twin.description) }
}

extension TrainingRequest: Codable {
  private enum Key: String, CodingKey { case recipe, seed, bench, plan }

  /// What version 0.1 kept beside the recipe.
  private struct EarlyPlan: Decodable {
    var mode: String
    var offlineImages: Int
    var benchSteps: Int
    var benchPhaseRate: Double
    var freezingImages: Int
    var evaluationImages: Int
    var benchCheckpointSteps: Int
    var twinCheckpointSteps: Int

    var stages: [Stage] {
      let twin = Stage("offline", .images(offlineImages), saveEvery: twinCheckpointSteps)
      guard mode != "offline" else { return [twin] }
      let options = mode == "online" ? Stage.usual[1].options : [:]
      return [
        twin,
        Stage(mode, .steps(benchSteps), phaseRate: benchPhaseRate, options: options, saveEvery: benchCheckpointSteps),
      ]
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    recipe = try container.decode(Recipe.self, forKey: .recipe)
    seed = try container.decode(UInt64.self, forKey: .seed)
    bench = try container.decode(TwinDescription.self, forKey: .bench)
    guard let plan = try container.decodeIfPresent(EarlyPlan.self, forKey: .plan) else { return }
    recipe.stages = plan.stages
    recipe.judging = Recipe.Judging(freezingImages: plan.freezingImages, evaluationImages: plan.evaluationImages)
  }

  func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(recipe, forKey: .recipe)
    try container.encode(seed, forKey: .seed)
    try container.encode(bench, forKey: .bench)
  }
}
