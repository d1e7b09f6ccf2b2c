import Measuring

/// The result of a fit.
public struct FitReport: Sendable, Codable, Equatable {
  /// The fitted parameters in the order in which they were named.
  public var entries: [Estimate]
  /// All parameters: the fitted ones, or those that were given when the fit could not improve them.
  public var parameters: TwinParameters
  /// In the order of the entries and their units, row-major.
  public var covariance: [Double]
  /// The covariance divided by the standard deviations, −1 to 1, in the same order.
  public var correlations: [Double]
  /// On the held-out frames, or on the fitted ones when none is held out.
  public var before: Discrepancy
  /// The same, after the fit.
  public var after: Discrepancy
  /// Frames that the fit saw.
  public var fittedFrames: Int
  /// Frames that it did not see.
  public var heldOutFrames: Int
  /// Mean square residual of the fitted frames as a part of their variance.
  public var residualBefore: Double
  /// The same, after the fit.
  public var residualAfter: Double
  /// The part of the frames' variance that noise explains; nil when the noise is not known.
  public var noiseFloor: Double?
  /// What minimised.
  public var optimiser: FitOptimiser
  /// Steps of all stages.
  public var iterations: Int
  /// Parameters that were tried and stay as they were believed, because held-out frames gained too little by them.
  public var untouched: [String]
  /// Searches that were made: a second one when the first did not suffice.
  public var attempts = 1
  /// Whether the twin is closer to the frames than it was.
  public var isImproved: Bool
  /// Whether the twin can be the bench.
  public var verdict: FitVerdict
  /// What the frames hardly tell apart.
  public var identifiability: Identifiability

  /// The mean square residual in units of what noise explains; nil when the noise is not known.
  public var noiseRatio: Double? { noiseFloor.flatMap { $0 > 0 ? residualAfter / $0 : nil } }
}
