/// The result of a fit.
public struct FitReport: Sendable, Codable, Equatable {
  /// One parameter's result, in its unit.
  public struct Entry: Sendable, Codable, Equatable {
    public var name: String
    public var unit: String
    public var start: Double
    public var value: Double
    /// From the residuals and what was known before. It takes the residuals for independent noise: it knows nothing of what
    /// the twin lacks.
    public var standardDeviation: Double
    /// Whether the value ended at one of its bounds.
    public var isAtBound: Bool
  }

  /// The fitted parameters in the order in which they were named.
  public var entries: [Entry]
  /// All parameters: the fitted ones, or those that were given when the fit could not improve them.
  public var parameters: TwinParameters
  /// In the order of the entries and their units, row-major.
  public var covariance: [Double]
  public var correlations: [Double]
  /// On the held-out frames, or on the fitted ones when none is held out.
  public var before: Discrepancy
  public var after: Discrepancy
  public var fittedFrames: Int
  public var heldOutFrames: Int
  /// Mean square residual of the fitted frames as a part of their variance.
  public var residualBefore: Double
  public var residualAfter: Double
  /// The part of the frames' variance that noise explains; nil when the noise is not known.
  public var noiseFloor: Double?
  public var optimiser: FitOptimiser
  public var iterations: Int
  /// Whether the twin is closer to the frames than it was.
  public var isImproved: Bool
  public var verdict: FitVerdict
  public var identifiability: Identifiability
}

/// Whether a twin of this kind can describe the frames.
public struct FitVerdict: Sendable, Codable, Equatable {
  public enum Class: String, Sendable, Codable {
    /// What remains is noise.
    case complete
    /// Something is missing, and what is there is good enough to train on.
    case sufficient
    /// Something is missing that training would learn wrongly.
    case insufficient
  }

  public var modelClass: Class
  public var words: String

  /// The class suffices unless it is ``Class/insufficient``.
  public var isSufficient: Bool { modelClass != .insufficient }

  /// - Parameters:
  ///   - limit: the largest Pearson discrepancy that suffices.
  ///   - residual: mean square residual as a part of the variance, and the part that noise explains.
  init(_ discrepancy: Discrepancy, limit: Double, isHeldOut: Bool, residual: Double, noiseFloor: Double?) {
    let frames = isHeldOut ? "held-out frames" : "the fitted frames themselves (none was held out)"
    let noise = noiseFloor.flatMap { $0 > 0 ? residual / $0 : nil }
    let found = "on \(frames) the twin differs by \(Self.short(discrepancy.pearson)) (1 - Pearson)"
    let excess = noise.map { "the residuals are \(Self.short($0)) times what noise explains" }
    // Two is generous to the estimate of the noise, and far below what a missing effect leaves.
    if let noise, noise < 2, discrepancy.pearson <= limit {
      modelClass = .complete
      words = "The model class is complete: \(found), and \(excess ?? "")."
    } else if discrepancy.pearson <= limit {
      modelClass = .sufficient
      words =
        "The model class suffices: \(found), within the limit of \(Self.short(limit))"
        + (excess.map { "; \($0), so effects are missing that do not matter much." } ?? ".")
    } else {
      modelClass = .insufficient
      words =
        "The model class does not suffice, or the fit ended in a local minimum: \(found), more than "
        + "\(Self.short(limit))" + (excess.map { "; \($0)." } ?? ".")
        + " Free more parameters, start the angles at zero, or check regions and light."
    }
  }

  /// Two or three digits that matter, whatever the magnitude.
  package static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    guard (1e-3..<1e6).contains(value.magnitude) else { return shortExponential(value) }
    let digits = value.magnitude >= 100 ? 0 : value.magnitude >= 1 ? 1 : value.magnitude >= 0.1 ? 2 : 4
    return fixed(value, digits: digits)
  }

  private static func fixed(_ value: Double, digits: Int) -> String {
    let unit = (0..<digits).reduce(1.0) { factor, _ in factor * 10 }
    let text = "\((value * unit).rounded() / unit)"
    return digits == 0 && text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func shortExponential(_ value: Double) -> String {
    var (mantissa, exponent) = (value, 0)
    while mantissa.magnitude < 1 {
      mantissa *= 10
      exponent -= 1
    }
    // What rounds to ten is one of the next power.
    while mantissa.magnitude >= 9.95 {
      mantissa /= 10
      exponent += 1
    }
    return "\(fixed(mantissa, digits: 1))e\(exponent)"
  }
}
