import Catalogues

enum EstimatedPresentation: Examination {
  static let declaration = Declaration(
    "presentation.estimated", "images whose arrival on their panel is estimated and not confirmed")

  static let threshold =
    "any: a frame that is early by its estimate shows another image"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let looks = patient.black + patient.white
    let estimated = looks.count { $0.evidence == "estimated" }
    guard estimated > 0 else { return [] }
    return [
      Diagnosis(
        Double(estimated), unit: "images",
        "of \(looks.count) images, \(estimated) were on their panel at a time that is only estimated",
        advice:
          "frames are matched by waiting alone; use a driver that reports presentations (drm), or longer times in "
          + "layout.timing")
    ]
  }
}
