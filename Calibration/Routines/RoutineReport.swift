import Measuring
import ReadableNumbers
import Twin

/// What a routine found out, how sure it is, and from how much.
public struct RoutineReport: Sendable, Codable, Equatable {
  public var estimates: [Estimate]
  /// On held-out frames, with the start's and with the found values; nil when nothing was predicted.
  public var before: Discrepancy?
  public var after: Discrepancy?
  /// What a fit says of its model; nil when there was none.
  public var verdict: FitVerdict?
  /// The residuals in units of what the camera's noise explains; nil when the camera has none.
  public var noiseRatio: Double?
  /// In words, what the frames hardly tell apart, the worst first.
  public var weaknesses: [String]
  /// Free parameters that stay as they were believed, because held-out frames gained too little by them.
  public var untouched: [String]
  /// Frames taken, those that saturated and were taken again included; those that were fitted, and that were held out.
  public var frames: Int
  public var fitted: Int
  public var heldOut: Int
  public var iterations: Int
  /// In words, what may be wrong with the bench when the result is not accepted, the likeliest first.
  public var suspicions: [String]
  /// In a sentence, what this means for the work with the bench; nil in reports of earlier versions.
  public var meaning: String?

  public init(
    estimates: [Estimate], before: Discrepancy? = nil, after: Discrepancy? = nil, verdict: FitVerdict? = nil,
    noiseRatio: Double? = nil, weaknesses: [String] = [], untouched: [String] = [], frames: Int, fitted: Int,
    heldOut: Int = 0, iterations: Int = 0, suspicions: [String] = [], meaning: String? = nil
  ) {
    self.estimates = estimates
    (self.before, self.after) = (before, after)
    self.verdict = verdict
    self.noiseRatio = noiseRatio
    self.weaknesses = weaknesses
    self.untouched = untouched
    (self.frames, self.fitted, self.heldOut) = (frames, fitted, heldOut)
    self.iterations = iterations
    self.suspicions = suspicions
    self.meaning = meaning ?? Self.meaning(verdict, after)
  }

  /// What a prediction says of the twin; nil when nothing was predicted.
  private static func meaning(_ verdict: FitVerdict?, _ after: Discrepancy?) -> String? {
    guard let verdict, let after else { return nil }
    let rest =
      switch verdict.modelClass {
      case .complete: "what remains is noise"
      case .sufficient: "something is missing in the twin, and what is there is good enough to train on"
      case .insufficient: "too much is missing in the twin to train on it"
      }
    return "frames that were not fitted are predicted within \(brief(after.pearson)) (1 - Pearson); \(rest)"
  }

  /// Whether the model suffices and no parameter is at its bound; a result that is not accepted must not be used.
  public var isAccepted: Bool { verdict?.isSufficient ?? true }
}
