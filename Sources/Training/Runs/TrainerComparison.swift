import Arrays
import Catalogues
import Diffusion
import Measuring
import Optics
import Twin

/// The paper's figure 7 on one layer set: runs from one start, each with another trainer, judged by the bench.
public struct TrainerComparison: Sendable {
  /// A trainer with its start.
  public struct Contender: Sendable, Equatable {
    /// What the curves are called.
    public var name: String
    /// The name of the trainer.
    public var trainer: String
    /// For the trainer.
    public var options: [String: Parameter.Value]
    /// Whether it begins with the calibrated twin instead of the misaligned one.
    public var isCalibrated: Bool

    public init(
      _ name: String, trainer: String, options: [String: Parameter.Value] = [:], isCalibrated: Bool = false
    ) {
      (self.name, self.trainer, self.options, self.isCalibrated) = (name, trainer, options, isCalibrated)
    }

    /// On the misaligned twin, deployed on the bench once at the end.
    public static let offline = Contender("offline", trainer: "offline")
    /// The bench's output through the misaligned twin.
    public static let frozen = Contender("frozen", trainer: "pat")
    /// The bench's output, with the twin refined on every batch, at the rate for an unknown alignment.
    public static let online = Contender(
      "online", trainer: "online", options: ["refinementRate": .number(1), "refinementEnd": .number(0.02)])
    /// Offline on the calibrated twin: what good calibration alone gives.
    public static let calibrated = Contender("calibrated", trainer: "offline", isCalibrated: true)

    /// Those of the paper, and the reference.
    public static let standard = [offline, frozen, online, calibrated]
  }

  public let method: Method
  public let material: TrainingMaterial
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
  private let trainers: Catalogue<any Trainer.Type>

  public init(
    recipe: Recipe, material: TrainingMaterial, calibrated: Twin<Float>, misaligned: Twin<Float>,
    bench: any OpticalUnit, set: Int, steps: Int, evaluationImages: Int = 256, seed: UInt64,
    catalogues: TrainingCatalogues = .standard
  ) throws {
    (self.material, self.calibrated, self.misaligned) = (material, calibrated, misaligned)
    (self.bench, self.set, self.steps) = (bench, set, steps)
    (self.evaluationImages, self.seed, trainers) = (evaluationImages, seed, catalogues.trainers)
    method = try recipe.checked(catalogues)
    try material.check(calibrated, method)
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
  public struct Outcome: Sendable {
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
    let twin = contender.isCalibrated ? calibrated : misaligned
    let size = twin.description.input.size
    let steps = try TimePolicy(edges: method.recipe.edges).steps(ofSet: set)
    let start = method.freshSet(
      steps: steps, phases: method.recipe.initialPhases(for: twin, random: random), pixels: size * size)
    var run = try SetRun(plan(contender, twin), start: start)
    var history: [TrainingStep] = []
    while let event = try await run.advance() {
      switch event {
      case .step(_, let step, _):
        history.append(step)
        report(step)
      case .stageEnded: break
      case .finished(let outcome):
        return Outcome(
          contender: contender, steps: history, evaluation: outcome.evaluation, parameters: outcome.parameters,
          discrepancy: try await discrepancy(outcome.set, twin.with(outcome.parameters)),
          frames: outcome.frames + Self.discrepancyImages)
      }
    }
    throw CancellationError()
  }

  private static var freezingImages: Int { 64 }
  private static var discrepancyImages: Int { 16 }

  private var random: CounterRandom { CounterRandom(seed: seed).stream(named: "comparison") }

  private func plan(_ contender: Contender, _ twin: Twin<Float>) throws -> SetRun.Plan {
    let trainer = try trainers.member(named: contender.trainer)
    let recipe = method.recipe
    let stage = SetRun.StagePlan(
      trainer: trainer, options: try Options(contender.options, of: trainer.declaration), steps: steps,
      phaseRate: recipe.phaseRate, readoutRate: recipe.readoutRate, saveEvery: steps, random: random)
    return SetRun.Plan(
      method: method, schedule: try recipe.schedule.make(), material: material, stages: [stage], twin: twin,
      bench: bench, isJudgedOnBench: true,
      judging: Recipe.Judging(freezingImages: Self.freezingImages, evaluationImages: evaluationImages),
      freezingRandom: random.stream(named: "freezing"), evaluationRandom: random.stream(named: "evaluation"))
  }

  private func discrepancy(_ set: LayerSet, _ twin: Twin<Float>) async throws -> Discrepancy {
    let batch = material.test.batch(
      Self.discrepancyImages, steps: set.steps, schedule: try method.recipe.schedule.make(),
      random: random.stream(named: "discrepancy"))
    let inputs = method.recipe.scaling(batch.noisy)
    let measured = try await bench.intensities(layers: set.phases, inputs: inputs, block: nil)
    let computed = try await twin.intensities(layers: set.phases, inputs: inputs, block: nil)
    return Discrepancy(computed, measured)
  }
}
