import Catalogues
import ReadableNumbers

enum LargeZeroOrder: Examination {
  static let declaration = Declaration(
    "modulator.zeroOrder",
    "a large part of the layers' panel that does not answer to patterns, as a calibration found it")

  /// Of a pixel's area.
  private static let limit = 0.2

  static let threshold =
    "a fifth of the area and three standard deviations: panels have 83 to 96 % that answers, and of light that meets less than 80 % "
    + "up to 4 % goes straight on"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard let fill = patient.parameters["fillFactor"], 1 - fill.value > limit + 3 * fill.error else { return [] }
    let rest = 1 - fill.value
    return [
      Diagnosis(
        rest,
        "\(percent(rest)) of the light on the layers' panel does not answer to patterns; up to \(percent(rest * rest)) of the power goes "
          + "straight on",
        advice:
          "turn the light's polarisation to the panel's axis, check that the panel is made for this wavelength, and keep the cover glass's "
          + "reflection away from the camera")
    ]
  }
}
