import Catalogues
import ReadableNumbers

enum DarkCamera: Examination {
  static let declaration = Declaration(
    "camera.dark", "a camera that sees no more light of a white image than of a black one")

  /// The part of full scale by which white has to be brighter, and in standard deviations.
  private static let (part, deviations) = (0.002, 5.0)

  private static let advice =
    "switch the laser on, open the shutter, expose longer; check that the input's panel is the one in the beam, and where the "
    + "camera's region lies (layout.camera)"

  static let threshold =
    "0.2 % of full scale, or five standard deviations: less is lost in what the camera makes of darkness"

  static func findings(in patient: Patient) -> [Diagnosis] {
    if patient.white.isEmpty, let black = patient.frames["black"], black > 0 {
      return [Diagnosis(Double(black), unit: "frames", "\(black) frames of a white image were black", advice: advice)]
    }
    guard !patient.white.isEmpty, !patient.black.isEmpty else { return [] }
    let contrast = patient.white.mean - patient.black.mean
    let scatter = max(patient.white.deviation, patient.black.deviation)
    guard contrast < part || contrast < deviations * scatter / Double(patient.white.count).squareRoot() else {
      return []
    }
    return [
      Diagnosis(
        contrast, unit: "of full scale",
        "a white image is brighter than a black one by \(percent(max(0, contrast))) of full scale", advice: advice)
    ]
  }
}
