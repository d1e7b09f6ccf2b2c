import Twin

/// Why a calibration gave no result.
public enum CalibrationError: Error, Equatable, CustomStringConvertible {
  /// The fitted twin does not predict frames that the fit has not seen. `suspicions` say what may be wrong, the likeliest
  /// first.
  case notAccepted(discrepancy: Double, limit: Double, suspicions: [String])
  /// Frames saturate at a tenth of the light.
  case saturated

  public var description: String {
    switch self {
    case .saturated:
      return "the camera saturates even at a tenth of the light; shorten the exposure or attenuate the laser"
    case .notAccepted(let discrepancy, let limit, let suspicions):
      let advice =
        suspicions.isEmpty
        ? "check the geometry in the bench file, the light, the camera's orientation, and the regions of layers and camera"
        : suspicions.joined(separator: " ")
      return """
        the calibration was not accepted: on held-out frames the twin differs from the bench by \(FitVerdict.short(discrepancy)) \
        (1 − Pearson), more than \(limit); \(advice)
        """
    }
  }
}
