import BenchAPI
import Catalogues

/// The newest calibration did not describe the bench: it names what may be wrong, such as a mirrored camera, a wavelength, a distance, the
/// order of the layers.
enum RefusedCalibration: Examination {
  static let declaration = Declaration(
    "calibration.refused", "a calibration that was refused, with what may be wrong with the bench")

  static let threshold = "the newest calibration, if it was refused by what its frames show"

  private static let causes: Set<Cause> = [
    .calibrationNotAccepted, .calibrationSaturated, .calibrationNoLight, .calibrationNoChange, .calibrationNotFound,
    .calibrationAmbiguous, .calibrationRegionUnfit,
  ]

  static func findings(in patient: Patient) -> [Diagnosis] {
    let failures = patient.calibrationJobs.reversed().prefix { $0.state == .failed }
    guard let newest = failures.first, let cause = newest.cause.flatMap(Cause.init), causes.contains(cause) else {
      return []
    }
    return [
      Diagnosis(
        Double(failures.count), unit: "calibrations", "\(newest.id) was refused: \(newest.message ?? cause.rawValue)",
        advice:
          "see to what it names, and calibrate again; odu-ctl runs fetch \(newest.id) fetches its report")
    ]
  }
}
