import Arrays
import Diffusion
import Optics
import Twin

/// Trains all layer sets of a model, from the noisiest steps down, each starting where the one before ended: first on the
/// twin, which costs no frames, then on the bench.
public struct ModelTraining: Sendable {
  /// How training goes on after the twin.
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

    public init(
      mode: Mode = .online, offlineImages: Int = 50_000, benchSteps: Int = 6, benchPhaseRate: Double = 0.01,
      freezingImages: Int = 64, evaluationImages: Int = 128
    ) {
      self.mode = mode
      self.offlineImages = offlineImages
      self.benchSteps = benchSteps
      self.benchPhaseRate = benchPhaseRate
      self.freezingImages = freezingImages
      self.evaluationImages = evaluationImages
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
  /// - Parameter checkpoint: called with the model so far after every set.
  public func run(
    checkpoint: @Sendable (DenoisingModel) throws -> Void, report: @Sendable (Event) -> Void
  ) async throws -> DenoisingModel {
    try material.check(twin, recipe)
    var model = DenoisingModel(
      recipe: recipe, mean: material.training.mean, imageSize: twin.description.input.size, dataset: material.name,
      parameters: twin.parameters)
    let schedule = try model.schedule.make()
    let policy = try TimePolicy(edges: recipe.edges)
    let sets = Array((1..<policy.sets).reversed())
    let offline = offlineSteps(sets)
    let totals = (offline: offline.values.reduce(0, +), bench: sets.count * plan.benchSteps)
    var done = (offline: 0, bench: 0)
    var twin = twin
    var previous: LayerSet?
    for index in sets {
      var run = SetRun(set: start(policy.steps(ofSet: index), from: previous, twin), index: index, frames: 0)
      try await train(
        &run, OfflineTrainer(twin: twin), steps: offline[index] ?? 0,
        rate: previous == nil ? nil : recipe.warmPhaseRate,
        schedule
      ) { report(.step(onBench: false, done: done.offline + $0.index, total: totals.offline, set: index, $0)) }
      done.offline += offline[index] ?? 0
      let afterTwin = usesBench ? try await judge(run.set, schedule, index).evaluation : nil
      if let bench, usesBench, plan.benchSteps > 0 {
        let trainer = try benchTrainer(twin, bench)
        let last = try await train(&run, trainer, steps: plan.benchSteps, rate: plan.benchPhaseRate, schedule) {
          report(.step(onBench: true, done: done.bench + $0.index, total: totals.bench, set: index, $0))
        }
        done.bench += plan.benchSteps
        twin = last
      }
      let (frozen, result) = try await judge(run.set, schedule, index)
      model.sets[index] = frozen
      model.parameters = twin.parameters
      report(
        .finished(
          SetOutcome(
            set: run.set, errorAfterTwin: (afterTwin ?? result).error, evaluation: result,
            frames: run.frames + (usesBench ? 2 * (plan.evaluationImages + plan.freezingImages) : 0))))
      try checkpoint(model)
      previous = run.set
    }
    return model
  }

  private struct SetRun {
    var set: LayerSet
    let index: Int
    var frames: Int
  }

  private var usesBench: Bool { bench != nil && plan.mode != .offline }
  private var unit: any OpticalUnit { usesBench ? bench ?? twin : twin }
  private var random: CounterRandom { CounterRandom(seed: seed).stream(named: "training") }

  /// Images that training on the twin computes: whole batches, at least one for each set.
  public var offlineImageCount: Int {
    offlineSteps(Array(1..<recipe.edges.count - 1)).values.reduce(0, +) * recipe.batch
  }

  private func offlineSteps(_ sets: [Int]) -> [Int: Int] {
    let shares = recipe.shares()
    let total = sets.reduce(0) { $0 + shares[$1] }
    return Dictionary(
      uniqueKeysWithValues: sets.map {
        ($0, max(1, Int(shares[$0] / total * Double(plan.offlineImages) / Double(recipe.batch))))
      })
  }

  private func start(_ steps: ClosedRange<Int>, from previous: LayerSet?, _ twin: Twin<Float>) -> LayerSet {
    if let previous { return LayerSet(steps: steps, from: previous) }
    let size = twin.description.input.size
    return LayerSet(
      steps: steps, phases: recipe.initialPhases(for: twin, random: random), recipe: recipe, pixels: size * size)
  }

  private func benchTrainer(_ twin: Twin<Float>, _ bench: any OpticalUnit) throws -> any Trainer {
    switch plan.mode {
    case .online:
      let rate = CosineRate(peak: 0.05, final: 0.2)
      return try OnlineTrainer(
        twin: twin, refinement: TwinRefinement(twin: twin, rate: rate, totalSteps: plan.benchSteps), bench: bench)
    case .pat, .offline:
      return FrozenTwinTrainer(twin: twin, bench: bench)
    }
  }

  /// Trains a set and returns the trainer's twin at the end.
  @discardableResult
  private func train(
    _ run: inout SetRun, _ trainer: any Trainer, steps: Int, rate: Double?, _ schedule: NoiseSchedule,
    report: (TrainingStep) -> Void
  ) async throws -> Twin<Float> {
    var training = SetTraining(
      set: run.set, trainer: trainer, recipe: recipe, data: material.training, schedule: schedule, totalSteps: steps,
      phaseRate: rate,
      random: random.stream(named: trainer is OfflineTrainer ? "twin" : "bench").child(UInt64(run.index)))
    for _ in 0..<steps {
      try Task.checkCancellation()
      let step = try await training.step()
      guard step.loss.isFinite else {
        throw TrainingError.diverged(set: "the set of steps \(run.set.firstStep)…\(run.set.lastStep)", step: step.index)
      }
      run.frames += step.frames
      report(step)
    }
    run.set = training.set
    return training.trainer.twin
  }

  /// The set with the readout that generation will use, fixed on training images, and how well it does on others.
  private func judge(
    _ set: LayerSet, _ schedule: NoiseSchedule, _ index: Int
  ) async throws -> (set: LayerSet, evaluation: Evaluation) {
    let frozen = try await set.freezing(
      on: unit, recipe: recipe, data: material.training, schedule: schedule, count: plan.freezingImages,
      random: random.stream(named: "freezing").child(UInt64(index)))
    let evaluation = try await Evaluation(
      of: frozen, on: unit, recipe: recipe, material: material, schedule: schedule, count: plan.evaluationImages,
      random: random.stream(named: "evaluation").child(UInt64(index)))
    return (frozen, evaluation)
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
