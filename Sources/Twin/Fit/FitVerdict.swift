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

  /// The largest Pearson discrepancy on held-out frames that is accepted, by fits and by calibrations.
  public static let sufficientDiscrepancy = 0.03

  /// The class suffices unless it is ``Class/insufficient``.
  public var isSufficient: Bool { modelClass != .insufficient }

  /// - Parameters:
  ///   - limit: the largest Pearson discrepancy that suffices.
  ///   - residual: mean square residual as a part of the variance, and the part that noise explains.
  ///   - bounds: parameters that ended at a bound: the true value may lie beyond it.
  init(
    _ discrepancy: Discrepancy, limit: Double, isHeldOut: Bool, residual: Double, noiseFloor: Double?,
    bounds: [String]
  ) {
    let frames = isHeldOut ? "held-out frames" : "the fitted frames themselves (none was held out)"
    let noise = noiseFloor.flatMap { $0 > 0 ? residual / $0 : nil }
    let found = "on \(frames) the twin differs by \(Self.short(discrepancy.pearson)) (1 - Pearson)"
    let excess = noise.map { "the residuals are \(Self.short($0)) times what noise explains" }
    // Two is generous to the estimate of the noise, and far below what a missing effect leaves.
    if discrepancy.pearson <= limit, !bounds.isEmpty {
      modelClass = .insufficient
      words =
        "The fit ended at a bound of \(bounds.joined(separator: ", ")): \(found), but the true value may lie beyond it. "
        + "Widen the bound if such a bench can be; otherwise the geometry, the wavelength or the regions are not as the "
        + "bench file says."
    } else if let noise, noise < 2, discrepancy.pearson <= limit {
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
        + (bounds.isEmpty ? "" : " At their bounds are \(bounds.joined(separator: ", ")).")
        + " Free more parameters, or check regions and light."
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
