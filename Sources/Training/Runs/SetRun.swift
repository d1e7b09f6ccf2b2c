import Arrays
import Catalogues
import Diffusion
import Measuring
import Optics
import Twin

/// One layer set on its way: its stages one after the other, then its readout is fixed, then it is judged.
///
/// It is the unit of a model, of a comparison, of a task on a cluster and of a test. ``advance()`` does the next piece of work;
/// ``state`` is all that another process needs to continue from there to the same bits.
public struct SetRun: Sendable {
  /// What a set goes through, and with what.
  public struct Plan: Sendable {
    public var method: Method
    public var schedule: NoiseSchedule
    public var material: TrainingMaterial
    public var stages: [StagePlan]
    /// What is believed about the bench at the start.
    public var twin: Twin<Float>
    public var bench: (any OpticalUnit)?
    /// Whether the set is fixed and judged on the bench rather than on the twin.
    public var isJudgedOnBench: Bool
    public var judging: Recipe.Judging
    public var freezingRandom: CounterRandom
    public var evaluationRandom: CounterRandom
  }

  /// One stage.
  public struct StagePlan: Sendable {
    public var trainer: any Trainer.Type
    public var options: Options
    public var steps: Int
    public var phaseRate: Double
    public var readoutRate: Double
    public var saveEvery: Int
    /// Decides the batches, whatever the trainer.
    public var random: CounterRandom
  }

  /// What a piece of work has brought.
  public enum Event: Sendable {
    /// A step; the state should be saved now when it is due.
    case step(stage: Int, TrainingStep, isDue: Bool)
    /// A stage that is not the last has ended, and the set was judged; the state should be saved.
    case stageEnded(stage: Int, Evaluation)
    case finished(Outcome)
  }

  public struct Outcome: Sendable {
    /// As trained, and with the readout that generation uses.
    public var set: LayerSet
    public var frozen: LayerSet
    public var evaluation: Evaluation
    /// Error on the unit that judges after each stage.
    public var errors: [Double]
    /// The twin's parameters as they are known at the end.
    public var parameters: TwinParameters
    /// Frames spent, on judging too.
    public var frames: Int
  }

  public let plan: Plan
  public private(set) var stage: Int
  private(set) var training: SetTraining
  /// The twin as the present stage found it.
  private(set) var found: Twin<Float>
  /// After each finished stage.
  private(set) var errors: [Double]
  /// Spent so far.
  private(set) var frames: Int
  private var isFinished = false

  /// A run from its beginning.
  public init(_ plan: Plan, start: LayerSet) throws {
    try TrainingError.require(!plan.stages.isEmpty, "at least one stage")
    (self.plan, stage, found, errors, frames) = (plan, 0, plan.twin, [], 0)
    training = try Self.training(of: start, stage: 0, plan, plan.twin)
  }

  /// A run that continues where the same one stood.
  ///
  /// - Throws: ``TrainingError/checkpoint(_:)`` when the state belongs to another one.
  public init(_ plan: Plan, resuming state: State) throws {
    guard plan.stages.indices.contains(state.stage), state.errors.count == state.stage else {
      throw TrainingError.checkpoint("its stages are not those of this training")
    }
    self.plan = plan
    (stage, errors, frames) = (state.stage, state.errors, state.frames)
    found = try state.parameters.map { try plan.twin.with($0) } ?? plan.twin
    training = try Self.training(of: state.training.set, stage: stage, plan, found)
    try training.restore(state.training)
  }

  /// The set as it is.
  public var set: LayerSet { training.set }

  /// Steps done in the present stage.
  public var steps: Int { training.steps }

  /// The next piece of work: a step, or what comes at the end of a stage. Nil when there is nothing left to do.
  public mutating func advance() async throws -> Event? {
    guard !isFinished else { return nil }
    try Task.checkCancellation()
    if training.steps < training.totalSteps { return try await step() }
    let twin = try training.trainer.refined.map { try found.with($0) } ?? found
    let (frozen, evaluation) = try await judge(on: twin)
    errors.append(evaluation.error)
    guard stage + 1 < plan.stages.count else {
      isFinished = true
      return .finished(
        Outcome(
          set: training.set, frozen: frozen, evaluation: evaluation, errors: errors, parameters: twin.parameters,
          frames: frames))
    }
    (stage, found) = (stage + 1, twin)
    training = try Self.training(of: training.set, stage: stage, plan, twin)
    return .stageEnded(stage: stage - 1, evaluation)
  }

  private mutating func step() async throws -> Event {
    let step = try await training.step()
    guard step.loss.isFinite else {
      throw TrainingError.diverged(set: "the set of steps \(set.firstStep)…\(set.lastStep)", step: step.index)
    }
    frames += step.frames
    let isDue = steps.isMultiple(of: max(1, plan.stages[stage].saveEvery)) || steps == training.totalSteps
    return .step(stage: stage, step, isDue: isDue)
  }

  /// The set with the readout that generation will use, fixed on training images, and how well it does on others.
  private mutating func judge(on twin: Twin<Float>) async throws -> (set: LayerSet, evaluation: Evaluation) {
    let unit: any OpticalUnit = plan.isJudgedOnBench ? plan.bench ?? twin : twin
    let frozen = try await set.freezing(
      on: unit, method: plan.method, data: plan.material.training, schedule: plan.schedule,
      count: plan.judging.freezingImages, random: plan.freezingRandom)
    let evaluation = try await Evaluation(
      of: frozen, on: unit, method: plan.method, material: plan.material, schedule: plan.schedule,
      count: plan.judging.evaluationImages, random: plan.evaluationRandom)
    if plan.isJudgedOnBench, plan.bench != nil {
      frames += plan.judging.evaluationImages + (plan.method.readout.needsStatistics ? plan.judging.freezingImages : 0)
    }
    return (frozen, evaluation)
  }

  /// A stage at its first step.
  private static func training(
    of set: LayerSet, stage: Int, _ plan: Plan, _ twin: Twin<Float>
  ) throws -> SetTraining {
    let stage = plan.stages[stage]
    let trainer = try stage.trainer.init(
      TrainerSetup(
        twin: twin, bench: plan.bench, steps: stage.steps, random: stage.random.stream(named: "trainer"),
        options: stage.options))
    return SetTraining(
      set: set, trainer: trainer, method: plan.method, data: plan.material.training, schedule: plan.schedule,
      totalSteps: stage.steps, phaseRate: stage.phaseRate, readoutRate: stage.readoutRate, random: stage.random)
  }
}
