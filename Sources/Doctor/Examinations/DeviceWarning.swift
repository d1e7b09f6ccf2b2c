import BenchAPI
import Catalogues

/// What a driver asked for and did not get, and has no finding of its own.
enum DeviceWarning: Examination {
  static let declaration = Declaration(
    "device.warning", "what devices do to patterns or frames although their driver asked for something else")

  static let threshold =
    "any: a driver warns only of what it could not have"

  static func findings(in patient: Patient) -> [Diagnosis] {
    patient.devices.flatMap { device in
      let named = (device.effects ?? []).map(\.words)
      return (device.warnings ?? []).filter { !named.contains($0) }.map { warning in
        Diagnosis(
          1, "\(device.name): \(warning)",
          advice: "set it in the device's own settings, or in its settings in the bench file, and open the bench again")
      }
    }
  }
}
