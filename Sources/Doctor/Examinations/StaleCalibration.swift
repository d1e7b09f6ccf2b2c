import BenchAPI
import Catalogues
import ReadableNumbers

enum StaleCalibration: Examination {
  static let declaration = Declaration("calibration.stale", "calibrations in force that should be made again")

  static let threshold =
    "any reason that `odu-ctl cal list` gives"

  static func findings(in patient: Patient) -> [Diagnosis] {
    // What the clock makes of a date is its own finding.
    patient.calibrations.filter {
      $0.inForce && $0.stale && $0.cause != Cause.calibrationStaleClock.rawValue
    }.map { calibration in
      Diagnosis(
        calibration.age, unit: "s",
        "calibration \(calibration.id) (\(calibration.kind)), \(duration(calibration.age)) old, is stale: "
          + (calibration.reason ?? ""),
        advice: "odu-ctl calibrate \(calibration.routine ?? calibration.kind)")
    }
  }
}
