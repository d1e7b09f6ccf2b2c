import Catalogues
import ReadableNumbers

enum ClippedBeam: Examination {
  static let declaration = Declaration(
    "beam.clipped", "parts of the image that hardly any light falls on, as a calibration of the source found it")

  /// Of the median amplitude, and of the image's area.
  private static let (faint, part) = (0.2, 0.03)

  static let threshold =
    "3 % of the image with less than a fifth of the usual amplitude, 4 % of the usual light: a Gaussian beam as wide as the image "
    + "has more than that even at its corners"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard patient.amplitude.count >= 16 else { return [] }
    let usual = patient.amplitude.sorted()[patient.amplitude.count / 2]
    guard usual > 0 else { return [] }
    let dark = Double(patient.amplitude.count { $0 < faint * usual }) / Double(patient.amplitude.count)
    guard dark > part else { return [] }
    return [
      Diagnosis(
        dark, "\(percent(dark)) of the image gets less than \(percent(faint * faint)) of the usual light",
        advice:
          "an aperture, mount or lens may cut the beam: centre it on every element, widen it, or use a smaller image")
    ]
  }
}
