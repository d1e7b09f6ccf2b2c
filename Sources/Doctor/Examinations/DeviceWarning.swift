import BenchAPI
import Catalogues

/// Limited range, dithering, scaling, automatic exposure: what a driver asked for and did not get.
enum DeviceWarning: Examination {
  static let declaration = Declaration(
    "device.warning", "what devices do to patterns or frames although their driver asked for something else")

  static func findings(in patient: Patient) -> [Diagnosis] {
    patient.devices.flatMap { device in
      (device.warnings ?? []).map { warning in
        Diagnosis(
          1, "\(device.name): \(warning)",
          advice: "set it in the device's own settings, or in its settings in the bench file, and open the bench again")
      }
    }
  }
}
