import Arrays
import Diffusion
import Measuring
import Optics
import Twin

/// The paper's figure 7 on one layer set: offline, frozen-twin and online training from the same misaligned twin, with the
/// same images, judged by the bench; and, as the reference, offline training on the calibrated twin.
public struct TrainerComparison: Sendable {
  public enum Contender: String, Sendable, Codable, CaseIterable {
    /// On the misaligned twin, deployed on the bench once at the end.
    case offline
    /// The bench's output through the misaligned twin.
    case frozen
    /// The bench's output, with the twin refined on every batch.
    case online
    /// Offline on the calibrated twin: what good calibration alone gives.
    case calibrated
  }

  public let recipe: Recipe
  public let material: ModelTraining.Material
  /// The calibrated twin, and the twin from which the contenders start.
  public let calibrated: Twin<Float>
  public let misaligned: Twin<Float>
  public let bench: any OpticalUnit
  /// Which set of the recipe.
  public let set: Int
  /// Training steps of each contender.
  public let steps: Int
  /// Images on which each is judged by the bench.
  public let evaluationImages: Int
  public let seed: UInt64

  public init(
    recipe: Recipe, material: ModelTraining.Material, calibrated: Twin<Float>, misaligned: Twin<Float>,
    bench: any OpticalUnit, set: Int, steps: Int, evaluationImages: Int = 256, seed: UInt64
  ) {
    self.recipe = recipe
    self.material = material
    self.calibrated = calibrated
    self.misaligned = misaligned
    self.bench = bench
    self.set = set
    self.steps = steps
    self.evaluationImages = evaluationImages
    self.seed = seed
  }

  /// The misaligned start of the figure: the angles of beam and mirror too large by a factor, the rest as given.
  public static func misaligned(_ parameters: TwinParameters, factor: Double) -> TwinParameters {
    var result = parameters
    for parameter in parameters.all
    where parameter.unit == "rad" && TwinParameters.alignmentNames.contains(parameter.name) {
      result[parameter.name] = factor * parameter.value
    }
    return result
  }

  /// What one contender reached.
  public struct Outcome: Sendable, Codable {
    public var contender: Contender
    /// Every training step.
    public var steps: [TrainingStep]
    /// Judged by the bench at the end, on images not seen.
    public var evaluation: Evaluation
    /// The contender's twin at the end.
    public var parameters: TwinParameters
    /// How far that twin is from the bench on the trained layers, on detector samples as in every training step.
    public var discrepancy: Discrepancy
    /// Frames spent, evaluation included.
    public var frames: Int
  }

  /// Trains and judges one contender.
  public func run(_ contender: Contender, report: @Sendable (TrainingStep) -> Void) async throws -> Outcome {
    try material.check(calibrated, recipe)
    let schedule = try DenoisingModel.ScheduleDescription().make()
    let policy = try TimePolicy(edges: recipe.edges)
    let random = CounterRandom(seed: seed).stream(named: "comparison")
    let twin = contender == .calibrated ? calibrated : misaligned
    let size = twin.description.input.size
    var training = SetTraining(
      set: LayerSet(
        steps: policy.steps(ofSet: set), phases: recipe.initialPhases(for: twin, random: random), recipe: recipe,
        pixels: size * size),
      trainer: try trainer(contender, twin), recipe: recipe, data: material.training, schedule: schedule,
      totalSteps: steps,
      random: random)
    var history: [TrainingStep] = []
    for _ in 0..<steps {
      try Task.checkCancellation()
      let step = try await training.step()
      guard step.loss.isFinite else { throw TrainingError.diverged(set: contender.rawValue, step: step.index) }
      history.append(step)
      report(step)
    }
    let frozen = try await training.set.freezing(
      on: bench, recipe: recipe, data: material.training, schedule: schedule, count: Self.freezingImages,
      random: random.stream(named: "freezing"))
    let evaluation = try await Evaluation(
      of: frozen, on: bench, recipe: recipe, material: material, schedule: schedule, count: evaluationImages,
      random: random.stream(named: "evaluation"))
    return Outcome(
      contender: contender, steps: history, evaluation: evaluation, parameters: training.trainer.twin.parameters,
      discrepancy: try await discrepancy(training, schedule, random),
      frames: history.reduce(evaluationImages + Self.freezingImages + Self.discrepancyImages) { $0 + $1.frames })
  }

  private static var freezingImages: Int { 64 }
  private static var discrepancyImages: Int { 16 }

  private func trainer(_ contender: Contender, _ twin: Twin<Float>) throws -> any Trainer {
    switch contender {
    case .offline, .calibrated: OfflineTrainer(twin: twin)
    case .frozen: FrozenTwinTrainer(twin: twin, bench: bench)
    case .online:
      try OnlineTrainer(
        twin: twin, refinement: TwinRefinement(twin: twin, totalSteps: steps), bench: bench)
    }
  }

  private func discrepancy(
    _ training: SetTraining, _ schedule: NoiseSchedule, _ random: CounterRandom
  ) async throws -> Discrepancy {
    let batch = material.test.batch(
      Self.discrepancyImages, steps: training.set.steps, schedule: schedule, random: random.stream(named: "discrepancy")
    )
    let inputs = recipe.scaling(batch.noisy)
    let measured = try await bench.intensities(layers: training.set.phases, inputs: inputs, block: nil)
    let computed = try await training.trainer.twin.intensities(layers: training.set.phases, inputs: inputs, block: nil)
    return Discrepancy(computed, measured)
  }
}
