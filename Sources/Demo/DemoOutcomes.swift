import Measuring
import Report

/// The result of the calibration, beside what the plant hid.
public struct CalibrationOutcome: Codable, Sendable {
  public struct Parameter: Codable, Sendable {
    public var name: String
    /// `m` or `rad`.
    public var unit: String
    public var start: Double?
    public var calibrated: Double
    /// The plant's value; nil on a bench that exists.
    public var truth: Double?

    public init(name: String, unit: String, start: Double?, calibrated: Double, truth: Double?) {
      self.name = name
      self.unit = unit
      self.start = start
      self.calibrated = calibrated
      self.truth = truth
    }
  }

  public var parameters: [Parameter]
  /// On frames that the fit did not see.
  public var before: Discrepancy
  public var after: Discrepancy
  /// Frames that were fitted, and frames held out.
  public var frames: Int
  public var heldOut: Int

  public init(parameters: [Parameter], before: Discrepancy, after: Discrepancy, frames: Int, heldOut: Int) {
    self.parameters = parameters
    self.before = before
    self.after = after
    self.frames = frames
    self.heldOut = heldOut
  }
}

/// What one layer set learnt, as its error on the bench.
public struct LayerSetOutcome: Codable, Sendable {
  /// The timesteps of the set, both included.
  public var first: Int
  public var last: Int
  /// Mean squared error of the prediction of x₀ on held-out images.
  public var error: Double
  /// The same for predictors that need no optics: the mean image, and the Wiener filter of the data.
  public var meanImage: Double
  public var wiener: Double

  public init(first: Int, last: Int, error: Double, meanImage: Double, wiener: Double) {
    self.first = first
    self.last = last
    self.error = error
    self.meanImage = meanImage
    self.wiener = wiener
  }
}

/// The trainers of the paper on one layer set, from the same start and with the same images.
public struct ComparisonOutcome: Codable, Sendable {
  public struct Trainer: Codable, Sendable {
    public var name: String
    /// Whether this is no contender but what the others are measured against.
    public var isReference: Bool
    /// Error of the training batches, on the twin or the bench, against images learnt.
    public var loss: [CurvePoint]
    /// Discrepancy between the trainer's twin and the bench; one point for a trainer that measures only at its end.
    public var discrepancy: [CurvePoint]
    /// Error on the bench at the end, on held-out images.
    public var finalError: Double
    /// The largest error of an angle of the trainer's twin, as a fraction of the true angle; nil when nobody knows.
    public var angleError: Double?
    /// The error of the gap of the trainer's twin in metres.
    public var gapError: Double?

    public init(
      name: String, isReference: Bool = false, loss: [CurvePoint], discrepancy: [CurvePoint], finalError: Double,
      angleError: Double?,
      gapError: Double?
    ) {
      self.name = name
      self.isReference = isReference
      self.loss = loss
      self.discrepancy = discrepancy
      self.finalError = finalError
      self.angleError = angleError
      self.gapError = gapError
    }
  }

  /// What was compared, in a sentence or two.
  public var summary: String
  public var trainers: [Trainer]

  public init(summary: String, trainers: [Trainer]) {
    self.summary = summary
    self.trainers = trainers
  }
}

/// How the samples were made.
public struct GenerationOutcome: Codable, Sendable {
  public var sampler: String
  public var steps: Int
  public var count: Int
  /// Camera frames that the generation took.
  public var frames: Int

  public init(sampler: String, steps: Int, count: Int, frames: Int) {
    self.sampler = sampler
    self.steps = steps
    self.count = count
    self.frames = frames
  }
}

public struct PhaseDuration: Codable, Sendable {
  public var name: String
  /// Seconds.
  public var duration: Double

  public init(name: String, duration: Double) {
    self.name = name
    self.duration = duration
  }
}

/// A number or word with its name, as it should be read.
public struct Fact: Codable, Sendable {
  public var name: String
  public var value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
