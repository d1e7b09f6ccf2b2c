import BenchAPI
import Catalogues

enum FaultyDevice: Examination {
  static let declaration = Declaration("device.fault", "devices that are not there or do not work")

  static func findings(in patient: Patient) -> [Diagnosis] {
    patient.devices.filter { ["disconnected", "paused", "fault"].contains($0.state) }.map { device in
      Diagnosis(
        1, "\(device.name) is \(device.state)\(device.message.map { ": \($0)" } ?? "")",
        advice: "check its cable and power; odu-ctl devices --bench FILE says why a device is not found or not allowed")
    }
  }
}
