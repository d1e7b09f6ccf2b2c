import Measuring
import Twin

/// The result of an alignment calibration.
public struct AlignmentReport: Sendable, Codable, Equatable {
  public var entries: [Estimate]
  /// The calibrated parameters.
  public var parameters: TwinParameters
  /// Correlation matrix in the order of the entries, row-major.
  public var correlations: [Double]
  /// On held-out frames, with the start's and with the calibrated parameters.
  public var before: Discrepancy
  public var after: Discrepancy
  /// What the fit says of the twin; the acceptance is its own.
  public var verdict: FitVerdict
  /// The residuals in units of what the camera's noise explains; nil when the camera has none.
  public var noiseRatio: Double?
  /// What the frames hardly tell apart, the worst first.
  public var weaknesses: [Identifiability.Weakness]
  /// Free parameters that stay as they were believed, because held-out frames gained too little by them.
  public var untouched: [String]
  /// Frames taken, those that saturated and were taken again with less light included.
  public var frames: Int
  public var iterations: Int
  /// What may be wrong with the bench when the result is not accepted, the likeliest first.
  public var suspicions: [Suspicion] = []

  /// Whether the twin suffices and no parameter is at its bound; a result that is not accepted must not be used.
  public var isAccepted: Bool { verdict.isSufficient }

  init(_ fit: FitReport, frames: Int) {
    entries = fit.entries
    parameters = fit.parameters
    correlations = fit.correlations
    before = fit.before
    after = fit.after
    verdict = fit.verdict
    noiseRatio = fit.noiseRatio
    weaknesses = fit.identifiability.weaknesses
    untouched = fit.untouched
    self.frames = frames
    iterations = fit.iterations
  }
}
