import Catalogues
import Measuring

/// The parameters of a `calibrate` job.
public struct CalibrateRequest: Codable, Sendable, Equatable {
  /// The routines to run, in this order; `twin` when absent.
  public var routines: [String]?
  /// Seed of the calibration patterns.
  public var seed: UInt64?
  /// Groups of parameters that are free instead of those that the bench file frees.
  public var free: [String]?

  public init(routines: [String]? = nil, seed: UInt64? = nil, free: [String]? = nil) {
    self.routines = routines
    self.seed = seed
    self.free = free
  }
}

extension CalibrateRequest {
  /// - Parameters:
  ///   - routines: their names.
  ///   - usual: those that run when none is named.
  ///   - groups: those of the twin's parameters.
  public static func declaration(routines: [String], usual: [String], groups: [String]) -> Declaration {
    Declaration(
      "calibrate", "Finds the twin's parameters on the bench and puts them in force when they are better",
      parameters: [
        Parameter(
          "routines", .list(of: .choice(routines)),
          "What to calibrate, in this order; \(usual.joined(separator: ", ")) if none is named",
          standard: .list(usual.map { .text($0) })),
        .seed,
        Parameter(
          "free", .list(of: .choice(groups)),
          "Groups of parameters that are free instead of those that the bench file frees; those of the file if none is named"
        ),
      ])
  }
}

/// The result of a `calibrate` job.
public struct CalibrateResult: Codable, Sendable, Equatable {
  /// Whether a twin of this kind describes the bench.
  public struct Verdict: Codable, Sendable, Equatable {
    /// `complete`, `sufficient` or `insufficient`.
    public var modelClass: String
    public var words: String

    public init(modelClass: String, words: String) {
      self.modelClass = modelClass
      self.words = words
    }
  }

  public var parameters: [Estimate]
  /// On frames that the fit did not see, with the start's and with the calibrated values.
  /// Absent where nothing was predicted.
  public var before: Discrepancy?
  public var after: Discrepancy?
  /// Frames taken, those that saturated and were taken again included.
  public var frames: Int
  /// Of these, fitted and held out for the verdict.
  public var fitted: Int
  public var heldOut: Int
  public var iterations: Int
  /// This and what follows is absent in results of earlier versions.
  public var verdict: Verdict?
  /// The residuals in units of what the camera's noise explains; absent when it has none.
  public var noiseRatio: Double?
  /// In words, what the frames hardly tell apart; the worst first.
  public var weaknesses: [String]?
  /// Free parameters that stay as they were believed, because held-out frames gained too little by them.
  public var untouched: [String]?
  /// In a sentence, what it means for the work with the bench.
  public var meaning: String?
  /// The routine, and the results of those that ran before it; absent when the usual one ran alone.
  public var routine: String?
  public var earlier: [CalibrateResult]?

  public init(
    parameters: [Estimate], before: Discrepancy?, after: Discrepancy?, frames: Int, fitted: Int,
    heldOut: Int, iterations: Int, verdict: Verdict? = nil, noiseRatio: Double? = nil, weaknesses: [String]? = nil,
    untouched: [String]? = nil, meaning: String? = nil
  ) {
    self.meaning = meaning
    self.verdict = verdict
    self.noiseRatio = noiseRatio
    self.weaknesses = weaknesses
    self.untouched = untouched
    self.parameters = parameters
    self.before = before
    self.after = after
    self.frames = frames
    self.fitted = fitted
    self.heldOut = heldOut
    self.iterations = iterations
  }
}
