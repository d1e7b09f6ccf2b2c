/// The parameters of a `calibrate` job.
public struct CalibrateRequest: Codable, Sendable, Equatable {
  /// The routines to run; all that the bench needs when absent. At present `alignment`.
  public var routines: [String]?
  /// Seed of the calibration patterns.
  public var seed: UInt64?

  public init(routines: [String]? = nil, seed: UInt64? = nil) {
    self.routines = routines
    self.seed = seed
  }
}

/// One minus the correlation between twin and bench, averaged over frames.
public struct DiscrepancyValue: Codable, Sendable, Equatable {
  public var cosine: Double
  public var pearson: Double

  public init(cosine: Double, pearson: Double) {
    self.cosine = cosine
    self.pearson = pearson
  }
}

/// The result of a `calibrate` job.
public struct CalibrateResult: Codable, Sendable, Equatable {
  public struct Parameter: Codable, Sendable, Equatable {
    public var name: String
    public var unit: String
    public var start: Double
    public var value: Double
    /// From the fit's residuals; it knows of noise, not of what the twin lacks.
    public var standardDeviation: Double

    public init(name: String, unit: String, start: Double, value: Double, standardDeviation: Double) {
      self.name = name
      self.unit = unit
      self.start = start
      self.value = value
      self.standardDeviation = standardDeviation
    }
  }

  public var parameters: [Parameter]
  /// On frames that the fit did not see, with the start's and with the calibrated values.
  public var before: DiscrepancyValue
  public var after: DiscrepancyValue
  /// Frames taken, those that saturated and were taken again included.
  public var frames: Int
  /// Of these, fitted and held out for the verdict.
  public var fitted: Int
  public var heldOut: Int
  public var iterations: Int

  public init(
    parameters: [Parameter], before: DiscrepancyValue, after: DiscrepancyValue, frames: Int, fitted: Int,
    heldOut: Int,
    iterations: Int
  ) {
    self.parameters = parameters
    self.before = before
    self.after = after
    self.frames = frames
    self.fitted = fitted
    self.heldOut = heldOut
    self.iterations = iterations
  }
}
