import BenchAPI
import Catalogues

enum MissingPermission: Examination {
  static let declaration = Declaration("device.permission", "a device that the daemon may not open")

  static let threshold = "any"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard let absence = patient.absence, absence.cause == Cause.deviceNoPermission.rawValue else { return [] }
    return [
      Diagnosis(
        1, unit: "devices", absence.message,
        advice:
          "install udev/70-odu.rules, or add the daemon's user to the group of the device, and start the daemon again; odu-ctl "
          + "devices --bench FILE shows the device's path")
    ]
  }
}
