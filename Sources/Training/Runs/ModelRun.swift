import Arrays
import Catalogues
import Diffusion
import Measuring
import Optics
import Twin

/// Trains a model by its recipe: all its sets, from the noisiest steps down.
public struct ModelRun: Sendable {
  /// What a training says while it runs.
  public enum Event: Sendable {
    /// The training resumes from a checkpoint, in steps over all sets.
    case resumed(stage: StageName, done: Int, total: Int, set: Int)
    /// A step of a set, in steps of its stage over all sets.
    case step(stage: StageName, done: Int, total: Int, set: Int, TrainingStep)
    case finished(SetOutcome)
  }

  public let recipe: Recipe
  public let material: TrainingMaterial
  public let twin: Twin<Float>
  public let bench: (any OpticalUnit)?
  public let seed: UInt64
  public let catalogues: TrainingCatalogues
  let method: Method
  private let policy: TimePolicy
  private let schedule: NoiseSchedule
  private let trainers: [any Trainer.Type]

  /// - Throws: what ``Recipe/checked(_:)`` does, and ``TrainingError/argument(_:)`` for a stage on a bench that there is not.
  public init(
    recipe: Recipe, material: TrainingMaterial, twin: Twin<Float>, bench: (any OpticalUnit)?, seed: UInt64,
    catalogues: TrainingCatalogues = .standard
  ) throws {
    (self.recipe, self.material, self.twin) = (recipe, material, twin)
    (self.bench, self.seed, self.catalogues) = (bench, seed, catalogues)
    method = try recipe.checked(catalogues)
    policy = try TimePolicy(edges: recipe.edges)
    schedule = try recipe.schedule.make()
    trainers = try recipe.stages.map { try catalogues.trainers.member(named: $0.trainer) }
    try material.check(twin, method)
    if bench == nil, let name = trainers.first(where: { $0.usesBench })?.declaration.name {
      throw TrainingError.argument("\(name) takes frames of a bench, and there is none; train with offline instead")
    }
  }

  /// Trains every set that a sampler ending above the first edge needs.
  ///
  /// A training that resumes from a checkpoint ends with the same model, bit for bit, as one that was never interrupted,
  /// provided that the bench answers the same.
  ///
  /// - Parameters:
  ///   - start: where an earlier run of the same training stood.
  ///   - saveCheckpoint: called with all that is needed to resume from here, at steps that depend on the recipe alone.
  ///   - saveModel: called with the model so far after every set.
  /// - Throws: ``TrainingError/checkpoint(_:)`` when `start` belongs to another training.
  public func run(
    from start: ModelCheckpoint? = nil,
    saveCheckpoint: @Sendable (ModelCheckpoint) async throws -> Void = { _ in },
    saveModel: @Sendable (DenoisingModel) throws -> Void, report: @Sendable (Event) -> Void
  ) async throws -> DenoisingModel {
    try start?.check(for: self)
    var checkpoint = start ?? ModelCheckpoint(self)
    checkpoint.model.recipe = recipe
    if start != nil { report(resumption(of: checkpoint)) }
    // The checkpoint decides: what else is on the disk may be newer than it, or gone.
    if !checkpoint.outcomes.isEmpty { try saveModel(checkpoint.model) }
    for index in recipe.sets.dropFirst(checkpoint.outcomes.count) {
      var run = try setRun(index, from: checkpoint)
      if checkpoint.present == nil, checkpoint.outcomes.isEmpty {
        checkpoint.present = try run.state
        try await saveCheckpoint(checkpoint)
      }
      while let event = try await run.advance() {
        switch event {
        case .step(let stage, let step, let isDue):
          checkpoint.history.entries.append(.init(set: index, stage: stage, step: step))
          let (done, total) = progress(stage, step.index, index)
          report(.step(stage: name(of: stage), done: done, total: total, set: index, step))
          guard isDue else { continue }
          checkpoint.present = try run.state
        case .stageEnded:
          checkpoint.present = try run.state
        case .finished(let outcome):
          checkpoint.add(outcome, index)
          report(.finished(checkpoint.outcomes[checkpoint.outcomes.count - 1]))
          try saveModel(checkpoint.model)
        }
        try await saveCheckpoint(checkpoint)
      }
    }
    return checkpoint.model
  }

  // MARK: - Sets

  /// A run of one set, which may be trained apart when the recipe starts every set afresh.
  ///
  /// - Parameters:
  ///   - previous: the trained set from which it starts; nil for a start of its own.
  ///   - parameters: what is known of the bench; the twin's when nil.
  public func setRun(
    _ index: Int, from previous: LayerSet? = nil, parameters: TwinParameters? = nil, resuming state: SetRun.State? = nil
  ) throws -> SetRun {
    let twin = try parameters.map { try self.twin.with($0) } ?? self.twin
    let plan = try plan(of: index, twin, isWarm: previous != nil)
    if let state { return try SetRun(plan, resuming: state) }
    let (steps, size) = (policy.steps(ofSet: index), twin.description.input.size)
    let set =
      previous.map { LayerSet(steps: steps, from: $0) }
      ?? method.freshSet(
        steps: steps, phases: recipe.initialPhases(for: twin, random: start(of: index)), pixels: size * size)
    return try SetRun(plan, start: set)
  }

  private func setRun(_ index: Int, from checkpoint: ModelCheckpoint) throws -> SetRun {
    let previous = recipe.start.isWarm ? checkpoint.previous : nil
    // The calibration in force may be another one by now; the training stays with that of its beginning.
    return try setRun(
      index, from: previous, parameters: checkpoint.model.parameters, resuming: checkpoint.present)
  }

  private func plan(of index: Int, _ twin: Twin<Float>, isWarm: Bool) throws -> SetRun.Plan {
    let usesBench = trainers.contains { $0.usesBench }
    let stages = try zip(recipe.stages, trainers).enumerated().map { number, pair in
      let (stage, trainer) = pair
      return SetRun.StagePlan(
        trainer: trainer, options: try Options(stage.options, of: trainer.declaration),
        steps: recipe.steps(of: stage)[index] ?? 0,
        phaseRate: stage.phaseRate ?? (isWarm ? recipe.warmPhaseRate : recipe.phaseRate),
        readoutRate: stage.readoutRate ?? recipe.readoutRate, saveEvery: stage.saveEvery,
        random: random.stream(named: name(of: number).word).child(UInt64(index)))
    }
    return SetRun.Plan(
      method: method, schedule: schedule, material: material, stages: stages, twin: twin, bench: bench,
      isJudgedOnBench: usesBench, judging: recipe.judging,
      freezingRandom: random.stream(named: "freezing").child(UInt64(index)),
      evaluationRandom: random.stream(named: "evaluation").child(UInt64(index)))
  }

  private var random: CounterRandom { CounterRandom(seed: seed).stream(named: "training") }

  /// Random numbers of the layers at the start: the same for all sets when only the first one starts by itself.
  private func start(of index: Int) -> CounterRandom {
    recipe.start.isWarm ? random : random.stream(named: "start").child(UInt64(index))
  }

  // MARK: - Progress

  /// Images that stages without frames of the bench compute: whole batches, at least one for each set.
  public var offlineImageCount: Int {
    zip(recipe.stages, trainers).filter { !$1.usesBench }.reduce(0) { sum, pair in
      sum + recipe.steps(of: pair.0).values.reduce(0, +) * recipe.batch
    }
  }

  /// What a stage is called: by where it runs, with a number when it is not the first one there.
  public func name(of stage: Int) -> StageName {
    let stage = min(max(0, stage), trainers.count - 1)
    let usesBench = trainers[stage].usesBench
    return StageName(usesBench: usesBench, number: trainers[..<stage].count(where: { $0.usesBench == usesBench }) + 1)
  }

  /// Steps of a stage that are done and all of them, over all sets, at a step of a set.
  private func progress(_ stage: Int, _ step: Int, _ index: Int) -> (done: Int, total: Int) {
    let counts = recipe.steps(of: recipe.stages[stage])
    let steps = recipe.sets.map { counts[$0] ?? 0 }
    let before = recipe.sets.firstIndex(of: index) ?? 0
    return (steps.prefix(before).reduce(step, +), steps.reduce(0, +))
  }

  private func resumption(of checkpoint: ModelCheckpoint) -> Event {
    let index = recipe.sets[min(checkpoint.outcomes.count, recipe.sets.count - 1)]
    let stage = checkpoint.present?.stage ?? 0
    let (done, total) = progress(stage, checkpoint.present?.training.steps ?? 0, index)
    return .resumed(stage: name(of: stage), done: done, total: total, set: index)
  }
}

/// What a stage is called.
public struct StageName: Sendable, Equatable {
  public var usesBench: Bool
  /// 1 for the first stage that runs there.
  public var number: Int

  /// Where it runs.
  public var unit: String { usesBench ? "bench" : "twin" }

  /// `twin`, `bench`, `bench 2`.
  public var word: String { number == 1 ? unit : "\(unit) \(number)" }
}

/// How well one set of a model denoises.
public struct SetOutcome: Sendable, Codable, Equatable {
  public var firstStep: Int
  public var lastStep: Int
  /// Error on the unit after the first stage, on the twin as a rule, and at the end.
  public var errorAfterTwin: Double
  public var error: Double
  /// What the mean image and the Wiener filter of the data reach.
  public var meanImage: Double
  public var wiener: Double
  /// Frames spent.
  public var frames: Int

  init(_ outcome: SetRun.Outcome) {
    (firstStep, lastStep) = (outcome.set.firstStep, outcome.set.lastStep)
    errorAfterTwin = outcome.errors.first ?? outcome.evaluation.error
    (error, meanImage) = (outcome.evaluation.error, outcome.evaluation.meanImage)
    (wiener, frames) = (outcome.evaluation.wiener, outcome.frames)
  }
}
