import BenchAPI
import Catalogues
import Concurrency
import Diffusion
import Files
import Foundation
import Jobs
import ReadableNumbers
import Recipes
import ServiceCore
import Training
import Twin

/// Trains all layer sets: on the twin, then on the bench. The model is saved after every set, and every few steps a
/// checkpoint from which the same job resumes after the daemon was killed.
struct TrainJob: JobRoutine {
  typealias Parameters = TrainRequest
  static let kind = "train"
  static let modelName = "model.odu"
  static let modelFile: String? = modelName
  fileprivate static let checkpointName = "checkpoint.state"
  static let checkpointFile: String? = checkpointName
  private let request: TrainRequest
  private var material: MaterialRequest
  private let recipe: Recipe
  private let training: TrainingCatalogues

  /// - Parameter training: where the names of a recipe are looked up.
  init(_ parameters: TrainRequest, training: TrainingCatalogues) throws {
    material = try MaterialRequest(
      dataset: parameters.dataset, classes: parameters.classes, seed: parameters.seed ?? JobDefaults.seed)
    request = parameters
    self.training = training
    recipe = try Self.recipe(parameters, training)
  }

  private static let mostRecipeBytes = 64 << 10

  /// The recipe that is named, with the trainer and the sizes that are asked for.
  static func recipe(_ parameters: TrainRequest, _ training: TrainingCatalogues = .standard) throws -> Recipe {
    var recipe: Recipe
    // Who asks for a job waits for its recipe to be read.
    if let text = parameters.recipe, text.utf8.count > mostRecipeBytes {
      throw ServiceError(
        .parameterInvalid,
        "recipe: it has \(text.utf8.count) bytes; a recipe has at most \(mostRecipeBytes >> 10) KiB")
    }
    do {
      recipe = try RecipeCatalogue.standard.recipe(
        parameters.recipe ?? RecipeCatalogue.usual, catalogues: training)
    } catch {
      throw ServiceError(of: "recipe", error)
    }
    do {
      if let mode = parameters.mode { recipe = try recipe.training(by: mode, trainers: training.trainers) }
    } catch {
      throw ServiceError(of: "mode", error)
    }
    return try recipe.spending(
      images: parameters.offlineImages, benchSteps: parameters.benchSteps, trainers: training.trainers)
  }

  static func model(madeBy job: JobHead) -> ModelSummary? {
    let summary = job.summary
    guard summary.state == .succeeded, let request = try? summary.parameters.decoded(as: TrainRequest.self),
      let result = try? job.result?.decoded(as: TrainResult.self)
    else { return nil }
    let errors = result.sets.map(\.error)
    // Version 0.1 kept it only when it was asked for, and had no recipes.
    let mode = result.mode ?? request.mode ?? (try? recipe(request))?.stages.last?.trainer ?? "unknown"
    return ModelSummary(
      id: summary.id, date: summary.ended ?? summary.created, run: summary.id, mode: mode,
      dataset: Excerpt.of(request.dataset), error: errors.reduce(0, +) / Double(max(1, errors.count)),
      frames: result.frames, seed: request.seed ?? JobDefaults.seed, calibration: result.calibration,
      software: SoftwareVersion.current
    )
  }

  var needsBench: Bool { recipe.usesBench(trainers: training.trainers) }

  func prepared(_ preparation: JobPreparation) async throws -> TrainJob {
    var prepared = self
    prepared.material = try await material.prepared(preparation)
    return prepared
  }

  func run(in context: any JobHost) async throws -> TrainResult {
    let seed = request.seed ?? JobDefaults.seed
    let bench = try await context.calibratedBench()
    let material = try await material.images(size: bench.description.input.size)
    context.log("\(material.training.images.count) images of \(material.name)")
    let present = try await context.calibrations?.latest(on: context.file, serials: context.equipment?.serials)
    let file = TrainingFile(context, calibration: present)
    let start = file.load()
    // A training continues as it began, whatever is in force by now.
    let inverse = if let start { start.inverse } else { bench.inverse(for: bench.meaning) }
    context.say(inverse, on: bench)
    let twin = try Twin<Float>(
      bench.description.showing(inverse), parameters: bench.parameters, threads: context.threads)
    context.log("the twin computes by \(twin.engineName) on \(twin.threads) threads")
    let training = try ModelRun(
      recipe: recipe, material: material, twin: twin, bench: context.equipment?.unit.showing(inverse), seed: seed,
      catalogues: training)
    let calibration = start.map(\.calibration) ?? present
    if let start {
      context.showAgain(start.history, of: training)
      try await context.equipment?.resume(at: start.benchTime)
    }
    let outcomes = Locked(start?.outcomes ?? [])
    let path = context.directory.appendingPathComponent(Self.modelName).path
    _ = try await training.run(from: start) {
      try await file.save($0)
    } saveModel: {
      try $0.save(to: path)
    } report: { event in
      context.show(event)
      if case .finished(let outcome) = event { outcomes.withLock { $0.append(outcome) } }
    }
    // The copy before has one set fewer and is no model of this training.
    try StateFile(path: path, schema: 1).seal()
    try context.publish(Self.modelName)
    let sets = outcomes.withLock { $0 }
    return TrainResult(
      sets: sets.map(TrainResult.LayerSet.init), frames: sets.reduce(0) { $0 + $1.frames },
      offlineImages: training.offlineImageCount, calibration: calibration, mode: recipe.stages.last?.trainer)
  }
}

/// The checkpoint of a training in its run directory.
private struct TrainingFile: Sendable {
  private let context: any JobHost
  private let path: String
  /// In force when the training began here.
  private let calibration: String?

  init(_ context: any JobHost, calibration: String?) {
    self.context = context
    self.calibration = calibration
    path = context.directory.appendingPathComponent(TrainJob.checkpointName).path
  }

  /// Where an earlier daemon left the training; nil when it did not get that far.
  func load() -> ModelCheckpoint? {
    do {
      guard let (checkpoint, damage) = try ModelCheckpoint.load(from: path) else { return nil }
      if let damage { context.log("the newest checkpoint is damaged, the one before it is used: \(damage)") }
      return checkpoint
    } catch {
      context.log("the training starts over, since its checkpoint cannot be used: \(error)")
      return nil
    }
  }

  /// Brings the bench to rest and saves. A full disk does not stop the training: the last good checkpoint stays.
  func save(_ checkpoint: ModelCheckpoint) async throws {
    var checkpoint = checkpoint
    checkpoint.benchTime = try await context.equipment?.rest()
    if checkpoint.calibration == nil { checkpoint.calibration = calibration }
    do {
      try checkpoint.save(to: path)
    } catch {
      context.log("the checkpoint was not saved: \(error)")
    }
  }
}

extension JobHost {
  fileprivate func show(_ event: ModelRun.Event) {
    switch event {
    case .resumed(let stage, let done, let total, let set):
      progress(Self.phase(stage), done, of: total)
      log("resumes with set \(set) after step \(done) of \(total) on the \(stage.word)")
    case .step(let stage, let done, let total, let set, let step):
      progress(Self.phase(stage), done, of: total)
      show(step, set, stage)
    case .finished(let outcome):
      log(outcome.line)
    }
  }

  /// Adds to the curves what an earlier daemon measured and did not save in the job's record.
  fileprivate func showAgain(_ history: TrainingHistory, of training: ModelRun) {
    let known = Set(
      events.compactMap { event in
        if case .metrics(let phase, let step, _) = event.content { "\(phase) \(step)" } else { nil }
      })
    for entry in history.entries {
      let stage = training.name(of: entry.stage)
      guard !known.contains("\(Self.curve(entry.set, stage)) \(entry.step.index)") else { continue }
      show(entry.step, entry.set, stage)
    }
  }

  private func show(_ step: TrainingStep, _ set: Int, _ stage: StageName) {
    var values = ["loss": step.loss, "error": step.error]
    values["discrepancy"] = step.discrepancy?.pearson
    metrics(Self.curve(set, stage), step: step.index, values)
  }

  private static func phase(_ stage: StageName) -> String { "train on \(stage.word)" }
  private static func curve(_ set: Int, _ stage: StageName) -> String { "set \(set) \(stage.word)" }
}

extension SetOutcome {
  fileprivate var line: String {
    func short(_ value: Double) -> String { "\(rounded(value, decimals: 4))" }
    return """
      steps \(firstStep)…\(lastStep): error \(short(error)) (after the twin alone \(short(errorAfterTwin)), \
      Wiener \(short(wiener)), mean image \(short(meanImage)))
      """
  }
}

extension TrainResult.LayerSet {
  init(_ outcome: SetOutcome) {
    self.init(
      firstStep: outcome.firstStep, lastStep: outcome.lastStep, errorAfterTwin: outcome.errorAfterTwin,
      error: outcome.error, meanImage: outcome.meanImage, wiener: outcome.wiener)
  }
}
