import Measuring
import ReadableNumbers

/// Whether a twin of this kind can describe the frames.
public struct FitVerdict: Sendable, Codable, Equatable {
  /// What can be said of the model.
  public enum Class: String, Sendable, Codable {
    /// What remains is noise.
    case complete
    /// Something is missing, and what is there is good enough to train on.
    case sufficient
    /// Something is missing that training would learn wrongly.
    case insufficient
  }

  /// What can be said of the model.
  public var modelClass: Class
  /// The same for people, with the numbers.
  public var words: String

  /// The largest Pearson discrepancy on held-out frames that is accepted, by fits and by calibrations.
  public static let sufficientDiscrepancy = 0.03

  /// The class suffices unless it is ``Class/insufficient``.
  public var isSufficient: Bool { modelClass != .insufficient }

  /// The largest part of the frames' variance that may be noise: with more, there is too little light to judge by.
  static let largestNoise = 0.1

  /// - Parameters:
  ///   - limit: the largest Pearson discrepancy that suffices, the part that noise makes left out.
  ///   - residual: mean square residual as a part of the variance, and the part that noise explains.
  ///   - bounds: parameters that ended at a bound: the true value may lie beyond it.
  init(
    _ discrepancy: Discrepancy, limit: Double, isHeldOut: Bool, residual: Double, noiseFloor: Double?,
    bounds: [String]
  ) {
    let noise = noiseFloor.flatMap { $0 > 0 ? residual / $0 : nil }
    let suffices = Self.withoutNoise(discrepancy.pearson, noiseFloor) <= limit
    let found = Self.found(discrepancy.pearson, noiseFloor, isHeldOut)
    let excess = noise.map { "the residuals are \(brief($0)) times what noise explains" }
    let places = bounds.joined(separator: ", ")
    if suffices, !bounds.isEmpty {
      modelClass = .insufficient
      words =
        "The fit ended at a bound of \(places): \(found), but the true value may lie beyond the bound. Widen it if such a bench "
        + "can be; otherwise the geometry, the wavelength or the regions are not as the bench file says."
    } else if suffices, let noise, noise < 2 {
      // Two is generous to the estimate of the noise, and far below what a missing effect leaves.
      modelClass = .complete
      words = "The model class is complete: \(found), and \(excess ?? "")."
    } else if suffices {
      modelClass = .sufficient
      words =
        "The model class suffices: \(found), within the limit of \(brief(limit))"
        + (excess.map { "; \($0), so effects are missing that do not matter much." } ?? ".")
    } else {
      modelClass = .insufficient
      words =
        "The model class does not suffice, or the fit ended in a local minimum: \(found), more than "
        + "\(brief(limit))" + (excess.map { "; \($0)." } ?? ".")
        + (bounds.isEmpty ? "" : " At a bound: \(places).") + " Free more parameters, or check regions and light."
    }
  }

  /// The discrepancy from frames without their noise. Frames of which noise is the part n of the variance correlate with the
  /// best twin by √(1 − n) (Spearman, Am. J. Psychol. 15, 72 (1904)).
  private static func withoutNoise(_ pearson: Double, _ noiseFloor: Double?) -> Double {
    1 - (1 - pearson) / (1 - min(max(noiseFloor ?? 0, 0), largestNoise)).squareRoot()
  }

  private static func found(_ pearson: Double, _ noiseFloor: Double?, _ isHeldOut: Bool) -> String {
    let frames = isHeldOut ? "held-out frames" : "the fitted frames themselves (none was held out)"
    let found = "on \(frames) the twin differs by \(brief(pearson)) (1 - Pearson)"
    let part = 1 - (1 - min(max(noiseFloor ?? 0, 0), 1)).squareRoot()
    // What does not show in the digits is not worth a word.
    return part > 0.05 * pearson ? found + ", of which noise makes \(brief(min(part, pearson)))" : found
  }
}
