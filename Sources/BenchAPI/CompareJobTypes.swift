import Catalogues
import Measuring

/// The parameters of a `compare` job: the paper's figure 7 on one layer set.
public struct CompareRequest: Codable, Sendable, Equatable {
  public var dataset: String
  public var classes: [Int]?
  public var seed: UInt64?
  /// Which layer set of the recipe, counted from 0 at the cleanest steps.
  public var set: Int?
  /// Training steps of each contender.
  public var steps: Int?
  /// By what the twin's angles are multiplied at the start; as in the paper when absent.
  public var misalignment: Double?

  public init(
    dataset: String, classes: [Int]? = nil, seed: UInt64? = nil, set: Int? = nil, steps: Int? = nil,
    misalignment: Double? = nil
  ) {
    self.dataset = dataset
    self.classes = classes
    self.seed = seed
    self.set = set
    self.steps = steps
    self.misalignment = misalignment
  }
}

extension CompareRequest {
  /// - Parameter datasets: how data sets are written.
  public static func declaration(datasets: [String]) -> Declaration {
    Declaration(
      "compare", "Trains one layer set offline, with a frozen and with a learning twin",
      parameters: [
        .dataset(datasets), .classes,
        Parameter(
          "set", .integer(0...8), "Which layer set, from the cleanest steps on",
          standard: .integer(JobDefaults.comparedSet)),
        Parameter(
          "steps", .integer(1...1_000_000), "Training steps of each contender",
          standard: .integer(JobDefaults.comparedSteps)),
        Parameter(
          "misalignment", .number(-3...3), "By what the twin's angles are multiplied at the start",
          standard: .number(JobDefaults.misalignment)),
        .seed,
      ])
  }
}

/// The result of a `compare` job.
public struct CompareResult: Codable, Sendable, Equatable {
  /// One contender: `offline`, `frozen`, `online`, or `calibrated` for offline training on the calibrated twin.
  public struct Contender: Codable, Sendable, Equatable {
    public var name: String
    /// Error of every training step, on the twin or on the bench, whichever the contender trains on.
    public var errors: [Double]
    /// Pearson discrepancy of every training step; empty for a contender that does not measure.
    public var discrepancies: [Double]
    /// Error on the bench at the end, on images not seen.
    public var finalError: Double
    /// How far the contender's twin is from the bench at the end, on its own layers.
    public var finalDiscrepancy: Discrepancy
    /// The contender's twin at the end, by parameter name.
    public var parameters: [String: Double]
    public var frames: Int

    public init(
      name: String, errors: [Double], discrepancies: [Double], finalError: Double, finalDiscrepancy: Discrepancy,
      parameters: [String: Double], frames: Int
    ) {
      self.name = name
      self.errors = errors
      self.discrepancies = discrepancies
      self.finalError = finalError
      self.finalDiscrepancy = finalDiscrepancy
      self.parameters = parameters
      self.frames = frames
    }
  }

  public var contenders: [Contender]
  /// Steps of diffusion that the layer set serves.
  public var firstStep: Int
  public var lastStep: Int
  /// Training steps, and images of each.
  public var steps: Int
  public var batch: Int
  /// What the mean image and the Wiener filter reach.
  public var meanImage: Double
  public var wiener: Double
  /// The misaligned start, by parameter name.
  public var start: [String: Double]

  public init(
    contenders: [Contender], firstStep: Int, lastStep: Int, steps: Int, batch: Int, meanImage: Double, wiener: Double,
    start: [String: Double]
  ) {
    self.contenders = contenders
    self.firstStep = firstStep
    self.lastStep = lastStep
    self.steps = steps
    self.batch = batch
    self.meanImage = meanImage
    self.wiener = wiener
    self.start = start
  }
}
