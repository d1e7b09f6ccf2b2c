import Catalogues
import Diffusion

/// Everything that decides a model and how images are generated with it, as data.
///
/// Members of catalogues are named; ``Method`` finds them.
public struct Recipe: Sendable, Equatable {
  /// What people call it; empty for one without a name.
  public var name: String
  /// What it is for, in one line.
  public var summary: String
  public var schedule: ScheduleDescription
  /// Last step of every layer set; 0 first, T last.
  public var edges: [Int]
  /// The weight of each set when images are shared out.
  public var shares: [Double]
  /// The first set that is trained, counted from 0 at the cleanest steps.
  public var firstSet: Int
  public var scaling: InputScaling
  public var readout: String
  public var objective: String
  public var start: Start
  /// Images per training step.
  public var batch: Int
  /// Learning rate of the phases from a random start, and when they start from a trained set.
  public var phaseRate: Double
  public var warmPhaseRate: Double
  /// Learning rate of readout and objective.
  public var readoutRate: Double
  /// How rates change over a stage, and the momenta of Adam.
  public var optimiser: Optimiser
  /// What a set goes through, in this order.
  public var stages: [Stage]
  public var judging: Judging
  public var sampling: SamplingRecipe

  /// How the layers of a set begin.
  public struct Start: Sendable, Codable, Equatable {
    /// Standard deviation of the random phases, in radians.
    public var phaseSpread: Double
    /// Whether a set begins with the layers of the noisier one next to it; without, sets can be trained apart.
    public var isWarm: Bool

    public init(phaseSpread: Double = 0.1, isWarm: Bool = true) {
      (self.phaseSpread, self.isWarm) = (phaseSpread, isWarm)
    }
  }

  /// How sets are fixed and judged.
  public struct Judging: Sendable, Codable, Equatable {
    /// Images that fix a readout's statistics, and images that judge a set.
    public var freezingImages: Int
    public var evaluationImages: Int

    public init(freezingImages: Int = 64, evaluationImages: Int = 128) {
      (self.freezingImages, self.evaluationImages) = (freezingImages, evaluationImages)
    }
  }

  /// - Parameter shares: by ``usualShares(edges:)`` when nil.
  public init(
    name: String = "", summary: String = "", schedule: ScheduleDescription = ScheduleDescription(), edges: [Int],
    shares: [Double]? = nil,
    firstSet: Int = 1, scaling: InputScaling = InputScaling(), readout: String = "batchNormalised",
    objective: String = "saturatingImage", start: Start = Start(), batch: Int = 32, phaseRate: Double = 0.1,
    warmPhaseRate: Double = 0.07, readoutRate: Double = 0.02, optimiser: Optimiser = Optimiser(),
    stages: [Stage] = Stage.usual, judging: Judging = Judging(), sampling: SamplingRecipe = SamplingRecipe()
  ) {
    (self.name, self.summary, self.schedule, self.edges) = (name, summary, schedule, edges)
    (self.shares, self.firstSet) = (shares ?? Self.usualShares(edges: edges), firstSet)
    (self.scaling, self.readout, self.objective, self.start) = (scaling, readout, objective, start)
    (self.batch, self.phaseRate, self.warmPhaseRate, self.readoutRate) = (batch, phaseRate, warmPhaseRate, readoutRate)
    (self.optimiser, self.stages, self.judging, self.sampling) = (optimiser, stages, judging, sampling)
  }

  /// Weights for sets of a schedule of 1000 steps: most where the images are decided.
  public static func usualShares(edges: [Int]) -> [Double] {
    zip(edges, edges.dropFirst()).map { lower, upper in
      switch lower / 2 + upper / 2 + (lower % 2 + upper % 2) / 2 {
      case ..<100: 0.4
      case ..<230: 0.9
      case ..<300: 1.2
      case ..<680: 1.8
      default: 0.4
      }
    }
  }

  /// The sets that are trained, in the order in which they are.
  public var sets: [Int] { Array((min(firstSet, edges.count - 1)..<edges.count - 1).reversed()) }

  /// Steps of a stage for each trained set.
  public func steps(of stage: Stage) -> [Int: Int] {
    switch stage.budget {
    case .steps(let steps): return Dictionary(uniqueKeysWithValues: sets.map { ($0, steps) })
    case .images(let images):
      let whole = shares.reduce(0, +)
      let parts = shares.map { $0 / whole }
      let total = sets.reduce(0) { $0 + parts[$1] }
      return Dictionary(
        uniqueKeysWithValues: sets.map { ($0, max(1, Int(parts[$0] / total * Double(images) / Double(batch)))) })
    }
  }
}

/// The steps of a diffusion, as data.
public struct ScheduleDescription: Sendable, Codable, Equatable {
  public var kind: NoiseSchedule.Kind
  public var steps: Int

  public init(kind: NoiseSchedule.Kind = .linear, steps: Int = 1000) { (self.kind, self.steps) = (kind, steps) }

  public func make() throws -> NoiseSchedule { try NoiseSchedule(kind, steps: steps) }
}

/// Adam's momenta, and how rates change over the steps of a stage.
public struct Optimiser: Sendable, Codable, Equatable {
  public var beta1: Double
  public var beta2: Double
  /// Steps over which rates rise at first, at most a quarter of all.
  public var warmUp: Int
  /// What is left of a rate at the end.
  public var end: Double

  public init(beta1: Double = 0.9, beta2: Double = 0.99, warmUp: Int = 10, end: Double = 0) {
    (self.beta1, self.beta2, self.warmUp, self.end) = (beta1, beta2, warmUp, end)
  }

  func rate(_ peak: Double, of steps: Int) -> CosineRate {
    CosineRate(peak: peak, warmUp: min(warmUp, steps / 4), final: end)
  }

  func adam(_ count: Int) -> Adam<Float> { Adam(count: count, beta1: beta1, beta2: beta2) }
}
