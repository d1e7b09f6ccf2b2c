import BenchAPI
import Catalogues

enum SharedBus: Examination {
  static let declaration = Declaration("usb.shared", "a camera and a modulator on one USB bus")

  static let threshold = "two devices on one bus: patterns and frames then take each other's time"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let cameras = patient.devices.filter { $0.kind == .camera }
    return cameras.flatMap { camera -> [Diagnosis] in
      guard let bus = camera.bus else { return [] }
      let others = patient.devices.filter { $0.kind == .modulator && $0.bus == bus }
      guard !others.isEmpty else { return [] }
      let names = others.map(\.name).joined(separator: " and ")
      return [
        Diagnosis(
          Double(others.count + 1), unit: "devices", "\(camera.name) and \(names) are both on the bus \(bus)",
          advice:
            "plug one of them into a port of another controller (lsusb -t shows which is which), so that an upload does not hold up frames"
        )
      ]
    }
  }
}
