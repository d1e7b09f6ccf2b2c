import BenchAPI
import Catalogues

enum MissingCalibration: Examination {
  static let declaration = Declaration("calibration.missing", "a bench of which no calibration is in force")

  static let threshold =
    "no calibration in force"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard !patient.calibrations.contains(where: \.inForce) else { return [] }
    return [
      Diagnosis(
        0, "no calibration of this bench is in force",
        advice: "the twin starts from what the bench file states; odu-ctl calibrate finds the rest")
    ]
  }
}
