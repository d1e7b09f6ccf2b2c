/// Why a calibration gave no result.
public enum CalibrationError: Error, Equatable, CustomStringConvertible {
  /// The fitted twin does not predict frames that the fit has not seen.
  case notAccepted(discrepancy: Double, limit: Double)
  /// Frames saturate at a tenth of the light.
  case saturated

  public var description: String {
    switch self {
    case .saturated:
      return "the camera saturates even at a tenth of the light; shorten the exposure or attenuate the laser"
    case .notAccepted(let discrepancy, let limit):
      return """
        the calibration was not accepted: on held-out frames the twin differs from the bench by \(discrepancy) \
        (1 − Pearson), more than \(limit); check the geometry in the bench file, the light, and the regions of layers \
        and camera
        """
    }
  }
}
