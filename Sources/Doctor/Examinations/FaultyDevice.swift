import BenchAPI
import Catalogues

enum FaultyDevice: Examination {
  static let declaration = Declaration("device.fault", "devices that are not there or do not work")

  static let threshold =
    "any"

  static func findings(in patient: Patient) -> [Diagnosis] {
    absence(patient) + faults(patient)
  }

  /// Of a bench that the daemon could not open.
  private static func absence(_ patient: Patient) -> [Diagnosis] {
    guard let absence = patient.absence, MissingPermission.findings(in: patient).isEmpty else { return [] }
    return [Diagnosis(1, "the bench is not there: \(absence.message)", advice: advice)]
  }

  private static let advice =
    "check its cable and power; odu-ctl devices --bench FILE says why a device is not found or not allowed"

  private static func faults(_ patient: Patient) -> [Diagnosis] {
    patient.devices.filter { ["disconnected", "paused", "fault"].contains($0.state) }.map { device in
      Diagnosis(
        1, "\(device.name) is \(device.state)\(device.message.map { ": \($0)" } ?? "")",
        advice: advice)
    }
  }
}
