import Diffusion
import Measuring
import Optics
import Twin

/// A training on its way: it does what its checkpoint leaves to be done, and keeps the checkpoint up to date.
///
/// What is not in the checkpoint follows from the request, so that a course begun from a saved one does the same.
struct TrainingCourse: Sendable {
  private typealias Present = TrainingCheckpoint.Present

  private let request: ModelTraining
  private let schedule: NoiseSchedule
  private let policy: TimePolicy
  private let twinSteps: [Int: Int]
  private let save: TrainingCheckpoint.Action
  private let finished: @Sendable (DenoisingModel) throws -> Void
  private let report: @Sendable (ModelTraining.Event) -> Void
  private var checkpoint: TrainingCheckpoint
  /// The twin as the present set found it.
  private var twin: Twin<Float>

  init(
    _ request: ModelTraining, from start: TrainingCheckpoint?, save: @escaping TrainingCheckpoint.Action,
    finished: @escaping @Sendable (DenoisingModel) throws -> Void,
    report: @escaping @Sendable (ModelTraining.Event) -> Void
  ) throws {
    self.request = request
    (self.save, self.finished, self.report) = (save, finished, report)
    try start?.check(for: request)
    let fresh = DenoisingModel(
      recipe: request.recipe, mean: request.material.training.mean, imageSize: request.twin.description.input.size,
      dataset: request.material.name, parameters: request.twin.parameters)
    checkpoint = start ?? TrainingCheckpoint(request, model: fresh)
    schedule = try checkpoint.model.schedule.make()
    policy = try TimePolicy(edges: request.recipe.edges)
    twinSteps = request.offlineSteps()
    // The calibration in force may be another one by now; the training stays with that of its beginning.
    twin = start == nil ? request.twin : try request.twin.with(checkpoint.model.parameters)
    if start != nil { announce() }
  }

  mutating func run() async throws -> DenoisingModel {
    // The checkpoint decides: what else is on the disk may be newer than it, or gone.
    if !checkpoint.outcomes.isEmpty { try finished(checkpoint.model) }
    for index in request.sets.dropFirst(checkpoint.outcomes.count) {
      var present = try checkpoint.present ?? begin(index)
      if checkpoint.present == nil, checkpoint.outcomes.isEmpty { try await keep(present) }
      if present.stage == .twin { try await trainOnTwin(&present, index) }
      try await trainOnBench(&present, index)
      try await finish(present, index)
    }
    return checkpoint.model
  }

  // MARK: - Stages of a set

  private func begin(_ index: Int) throws -> Present {
    let (recipe, steps) = (request.recipe, policy.steps(ofSet: index))
    let size = twin.description.input.size
    let set =
      checkpoint.previous.map { LayerSet(steps: steps, from: $0) }
      ?? LayerSet(
        steps: steps, phases: recipe.initialPhases(for: twin, random: request.random), recipe: recipe,
        pixels: size * size)
    return Present(stage: .twin, training: try training(of: set, .twin, index).state)
  }

  private mutating func trainOnTwin(_ present: inout Present, _ index: Int) async throws {
    try await advance(&present, index)
    guard request.usesBench else { return }
    let set = present.training.set
    present.errorAfterTwin = try await judge(set, index).evaluation.error
    present.stage = .bench
    present.training = try training(of: set, .bench, index).state
    try await keep(present)
  }

  private mutating func trainOnBench(_ present: inout Present, _ index: Int) async throws {
    guard request.usesBench, request.plan.benchSteps > 0 else { return }
    twin = try await advance(&present, index)
  }

  private mutating func finish(_ present: Present, _ index: Int) async throws {
    let plan = request.plan
    let set = present.training.set
    let (frozen, evaluation) = try await judge(set, index)
    let outcome = SetOutcome(
      set: set, errorAfterTwin: present.errorAfterTwin ?? evaluation.error, evaluation: evaluation,
      frames: present.frames + (request.usesBench ? 2 * (plan.evaluationImages + plan.freezingImages) : 0))
    checkpoint.model.sets[index] = frozen
    checkpoint.model.parameters = twin.parameters
    checkpoint.outcomes.append(outcome)
    checkpoint.previous = set
    report(.finished(outcome))
    try finished(checkpoint.model)
    try await keep(nil)
  }

  // MARK: - Steps

  /// Does the steps of a stage that are left, and returns the trainer's twin at the end.
  @discardableResult
  private mutating func advance(_ present: inout Present, _ index: Int) async throws -> Twin<Float> {
    let (stage, plan) = (present.stage, request.plan)
    let interval = max(1, stage == .bench ? plan.benchCheckpointSteps : plan.twinCheckpointSteps)
    var training = try training(of: present.training.set, stage, index)
    try training.restore(present.training)
    while training.steps < training.totalSteps {
      try Task.checkCancellation()
      let step = try await training.step()
      guard step.loss.isFinite else {
        let steps = present.training.set.steps
        throw TrainingError.diverged(
          set: "the set of steps \(steps.lowerBound)…\(steps.upperBound)", step: step.index)
      }
      present.frames += step.frames
      checkpoint.history.entries.append(.init(set: index, onBench: stage == .bench, step: step))
      let (done, total) = progress(stage, step.index, index)
      report(.step(onBench: stage == .bench, done: done, total: total, set: index, step))
      if training.steps.isMultiple(of: interval) || training.steps == training.totalSteps {
        present.training = training.state
        try await keep(present)
      }
    }
    return training.trainer.twin
  }

  /// A stage of a set at its first step.
  private func training(of set: LayerSet, _ stage: Present.Stage, _ index: Int) throws -> SetTraining {
    let (plan, recipe) = (request.plan, request.recipe)
    var trainer: any Trainer = OfflineTrainer(twin: twin)
    if stage == .bench, let bench = request.bench { trainer = try request.benchTrainer(twin, bench) }
    let warmRate = checkpoint.previous == nil ? nil : recipe.warmPhaseRate
    return SetTraining(
      set: set, trainer: trainer, recipe: recipe, data: request.material.training, schedule: schedule,
      totalSteps: stage == .bench ? plan.benchSteps : twinSteps[index] ?? 0,
      phaseRate: stage == .bench ? plan.benchPhaseRate : warmRate,
      random: request.random.stream(named: stage.rawValue).child(UInt64(index)))
  }

  /// The set with the readout that generation will use, fixed on training images, and how well it does on others.
  private func judge(_ set: LayerSet, _ index: Int) async throws -> (set: LayerSet, evaluation: Evaluation) {
    let (plan, recipe, random) = (request.plan, request.recipe, request.random)
    let unit: any OpticalUnit = request.usesBench ? request.bench ?? twin : twin
    let frozen = try await set.freezing(
      on: unit, recipe: recipe, data: request.material.training, schedule: schedule, count: plan.freezingImages,
      random: random.stream(named: "freezing").child(UInt64(index)))
    let evaluation = try await Evaluation(
      of: frozen, on: unit, recipe: recipe, material: request.material, schedule: schedule,
      count: plan.evaluationImages, random: random.stream(named: "evaluation").child(UInt64(index)))
    return (frozen, evaluation)
  }

  // MARK: - Keeping

  private mutating func keep(_ present: Present?) async throws {
    checkpoint.present = present
    try await save(checkpoint)
  }

  /// Steps of a stage that are done and all of them, over all sets, at a step of a set.
  private func progress(_ stage: Present.Stage, _ step: Int, _ index: Int) -> (done: Int, total: Int) {
    let steps = request.sets.map { stage == .bench ? request.plan.benchSteps : twinSteps[$0] ?? 0 }
    let before = request.sets.firstIndex(of: index) ?? 0
    return (steps.prefix(before).reduce(step, +), steps.reduce(0, +))
  }

  private func announce() {
    let place = min(checkpoint.outcomes.count, request.sets.count - 1)
    let stage = checkpoint.present?.stage ?? .twin
    let (done, total) = progress(stage, checkpoint.present?.training.steps ?? 0, request.sets[place])
    report(.resumed(onBench: stage == .bench, done: done, total: total, set: request.sets[place]))
  }
}
