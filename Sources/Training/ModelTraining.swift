import Arrays
import Diffusion
import Measuring
import Optics
import Twin

/// Trains all layer sets of a model, from the noisiest steps down, each starting where the one before ended: first on the
/// twin, which costs no frames, then on the bench.
public struct ModelTraining: Sendable {
  /// How training continues after the twin.
  public enum Mode: String, Sendable, Codable, CaseIterable {
    /// Not at all.
    case offline
    /// On the bench, through a frozen twin (physics-aware training).
    case pat
    /// On the bench, with the twin refined on every batch.
    case online
  }

  /// What is spent.
  public struct Plan: Sendable, Codable, Equatable {
    public var mode: Mode
    /// Images computed by the twin, over all sets.
    public var offlineImages: Int
    /// Steps on the bench for each set.
    public var benchSteps: Int
    /// Learning rate of the phases on the bench.
    public var benchPhaseRate: Double
    /// Images that fix a readout's statistics, and images that judge a set.
    public var freezingImages: Int
    public var evaluationImages: Int
    /// Steps on the bench and steps on the twin after which a checkpoint is saved.
    public var benchCheckpointSteps: Int
    public var twinCheckpointSteps: Int

    public init(
      mode: Mode = .online, offlineImages: Int = 50_000, benchSteps: Int = 6, benchPhaseRate: Double = 0.01,
      freezingImages: Int = 64, evaluationImages: Int = 128, benchCheckpointSteps: Int = 2,
      twinCheckpointSteps: Int = 25
    ) {
      self.mode = mode
      self.offlineImages = offlineImages
      self.benchSteps = benchSteps
      self.benchPhaseRate = benchPhaseRate
      self.freezingImages = freezingImages
      self.evaluationImages = evaluationImages
      self.benchCheckpointSteps = benchCheckpointSteps
      self.twinCheckpointSteps = twinCheckpointSteps
    }
  }

  /// The images, and what judges a denoiser of them.
  public struct Material: Sendable {
    public let training: DenoisingData
    public let test: DenoisingData
    public let baseline: GaussianBaseline
    public let name: String

    /// - Parameters: images in 0…1; the Wiener baseline is fitted to at most 4000 of the training images.
    public init(training: Stack<Float>, test: Stack<Float>, name: String) throws {
      self.training = DenoisingData(images: training)
      self.test = DenoisingData(images: test)
      var chosen = Array(0..<training.count)
      var generator = CounterRandom(seed: 0).stream(named: "baseline").generator()
      chosen.shuffle(using: &generator)
      baseline = try GaussianBaseline(
        self.training.images.planes(at: Array(chosen.prefix(4000))), scored: self.test.images)
      self.name = name
    }

    /// - Throws: ``TrainingError/detector(height:width:size:readout:)`` unless the recipe's readout makes one value for each
    ///   pixel of the bench's detector samples.
    func check(_ twin: Twin<Float>, _ recipe: Recipe) throws {
      let (height, width) = try twin.detectorShape()
      let size = twin.description.input.size
      let output = recipe.makeReadout(pixels: height * width).outputShape(height: height, width: width)
      guard let output, output == (size, size), training.images.width == size, training.images.height == size else {
        throw TrainingError.detector(height: height, width: width, size: size, readout: recipe.readout)
      }
    }
  }

  /// What a training says while it runs.
  public enum Event: Sendable {
    /// The training resumes from a checkpoint, in steps over all sets.
    case resumed(onBench: Bool, done: Int, total: Int, set: Int)
    /// A set's training on the twin or on the bench, in steps over all sets.
    case step(onBench: Bool, done: Int, total: Int, set: Int, TrainingStep)
    case finished(SetOutcome)
  }

  public let plan: Plan
  public let recipe: Recipe
  public let material: Material
  public let twin: Twin<Float>
  public let bench: (any OpticalUnit)?
  public let seed: UInt64

  public init(
    plan: Plan, recipe: Recipe, material: Material, twin: Twin<Float>, bench: (any OpticalUnit)?, seed: UInt64
  ) {
    self.plan = plan
    self.recipe = recipe
    self.material = material
    self.twin = twin
    self.bench = bench
    self.seed = seed
  }

  /// Trains every set that a sampler ending above the first edge needs.
  ///
  /// A training that resumes from a checkpoint ends with the same model, bit for bit, as one that was never interrupted,
  /// provided that the bench answers the same.
  ///
  /// - Parameters:
  ///   - start: where an earlier run of the same training stood.
  ///   - save: called with all that is needed to resume from here, at steps that depend on the plan alone.
  ///   - checkpoint: called with the model so far after every set.
  /// - Throws: ``TrainingError/checkpoint(_:)`` when `start` belongs to another training.
  public func run(
    from start: TrainingCheckpoint? = nil, save: @escaping TrainingCheckpoint.Action = { _ in },
    checkpoint: @escaping @Sendable (DenoisingModel) throws -> Void, report: @escaping @Sendable (Event) -> Void
  ) async throws -> DenoisingModel {
    try material.check(twin, recipe)
    var course = try TrainingCourse(self, from: start, save: save, finished: checkpoint, report: report)
    return try await course.run()
  }

  var usesBench: Bool { bench != nil && plan.mode != .offline }
  var random: CounterRandom { CounterRandom(seed: seed).stream(named: "training") }

  /// The sets in the order in which they are trained.
  var sets: [Int] { Array((1..<recipe.edges.count - 1).reversed()) }

  /// Images that training on the twin computes: whole batches, at least one for each set.
  public var offlineImageCount: Int { offlineSteps().values.reduce(0, +) * recipe.batch }

  /// Steps on the twin for each set.
  func offlineSteps() -> [Int: Int] {
    let shares = recipe.shares()
    let total = sets.reduce(0) { $0 + shares[$1] }
    return Dictionary(
      uniqueKeysWithValues: sets.map {
        ($0, max(1, Int(shares[$0] / total * Double(plan.offlineImages) / Double(recipe.batch))))
      })
  }

  func benchTrainer(_ twin: Twin<Float>, _ bench: any OpticalUnit) throws -> any Trainer {
    switch plan.mode {
    case .online:
      let rate = CosineRate(peak: 0.05, final: 0.2)
      return try OnlineTrainer(
        twin: twin, refinement: TwinRefinement(twin: twin, rate: rate, totalSteps: plan.benchSteps), bench: bench)
    case .pat, .offline:
      return FrozenTwinTrainer(twin: twin, bench: bench)
    }
  }
}

/// How well one set of a model denoises.
public struct SetOutcome: Sendable, Codable, Equatable {
  public var firstStep: Int
  public var lastStep: Int
  /// Error on the unit after training on the twin alone, and at the end.
  public var errorAfterTwin: Double
  public var error: Double
  /// What the mean image and the Wiener filter of the data reach.
  public var meanImage: Double
  public var wiener: Double
  /// Frames spent.
  public var frames: Int

  init(set: LayerSet, errorAfterTwin: Double, evaluation: Evaluation, frames: Int) {
    firstStep = set.firstStep
    lastStep = set.lastStep
    self.errorAfterTwin = errorAfterTwin
    error = evaluation.error
    meanImage = evaluation.meanImage
    wiener = evaluation.wiener
    self.frames = frames
  }
}
