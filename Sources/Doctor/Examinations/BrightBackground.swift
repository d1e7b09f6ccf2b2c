import Catalogues
import ReadableNumbers

enum BrightBackground: Examination {
  static let declaration = Declaration("light.background", "light that is there with a black image, too")

  private static let limit = 0.2
  static let threshold =
    "a fifth of a white image: a tenth of the contrast then is no image any more"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let (black, white) = (patient.black.mean, patient.white.mean)
    // Without any light nothing is known of a background.
    guard DarkCamera.findings(in: patient).isEmpty, black > limit * white else { return [] }
    return [
      Diagnosis(
        black / white, "a black image is \(percent(black / white)) as bright as a white one",
        advice:
          "switch the room's light off, check the camera's black level, and whether the input's panel lets light pass "
          + "beside its pixels (its polariser, its zero order)")
    ]
  }
}
