import Catalogues
import ReadableNumbers

enum ClippedBeam: Examination {
  static let declaration = Declaration(
    "beam.clipped", "parts of the image whose light does not come to the camera")

  /// Of the light that is usual beside the twin's, and parts of 25.
  private static let (faint, least) = (0.05, 3)

  static let threshold =
    "three of 25 parts of the image with less than 5 % of the light that the others have beside the twin's: before its calibration, the "
    + "angles of a simulated bench take up to 92 % of a part at the edge past the camera's region, and 95 % of none"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard patient.parts.count >= 8 * least, DarkCamera.findings(in: patient).isEmpty else { return [] }
    let usual = patient.parts.sorted()[patient.parts.count / 2]
    let dark = patient.parts.count { $0 < faint * usual }
    guard usual > 0, dark >= least else { return [] }
    let part = Double(dark) / Double(patient.parts.count)
    return [
      Diagnosis(
        part,
        "of \(percent(part)) of the image, less than \(percent(faint)) of the usual light comes to the camera",
        advice:
          "an aperture, mount or lens may cut the beam or a pupil: centre the light on every element, widen it, or use a smaller image; "
          + "see that layout.camera has the region on which all of the light falls")
    ]
  }
}
