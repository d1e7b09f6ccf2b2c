import BenchAPI
import Devices
import DriverCatalogue

/// What `odu-ctl devices` prints.
struct DeviceListing: Encodable {
  /// Those of the daemon's bench; nil when no daemon runs.
  var devices: [DeviceStatus]?
  /// Those that the drivers find on this machine; nil when nobody asked.
  var found: [FoundDevice]?
  /// Those that a bench file asks for; nil when nobody asked.
  var expected: [DeviceDiagnosis]?

  /// What was found, without the problem that the daemon itself is using it.
  var unheld: [FoundDevice] {
    (found ?? []).map { device in
      var device = device
      let isOurs = devices?.contains { $0.driver == device.driver && $0.name == device.name } ?? false
      if isOurs { device.problem = nil }
      return device
    }
  }

  var text: String {
    [devices.map(Self.bench), found.map(Self.list), expected.map(Self.verdicts)].compactMap(\.self)
      .joined(separator: "\n\n")
  }

  private static func bench(_ devices: [DeviceStatus]) -> String {
    let warnings = devices.flatMap { device in (device.warnings ?? []).map { "warning: \(device.name): \($0)" } }
    return ([overview(devices)] + warnings).joined(separator: "\n")
  }

  private static func overview(_ devices: [DeviceStatus]) -> String {
    table(
      ["NAME", "KIND", "DRIVER", "PIXELS", "SERIAL", "SHOWN WHEN", "STATE"],
      devices.map { device in
        let state = device.message.map { "\(device.state): \($0)" } ?? device.state
        return [
          device.name, device.kind.rawValue, device.driver, "\(device.width)x\(device.height)",
          device.serial ?? "", device.evidence.map(evidence) ?? "", state,
        ]
      }, empty: "the bench is not there; odu-ctl status says why")
  }

  /// How it was known when the last pattern reached the panel.
  private static func evidence(_ name: String) -> String {
    switch name {
    case "flipEvent": "page flip reported"
    case "verticalBlank": "vertical blank counted"
    case "acknowledged": "device acknowledged"
    case "estimated": "estimated"
    default: words(name)
    }
  }

  private static func list(_ found: [FoundDevice]) -> String {
    if found.isEmpty { return "no driver finds a device on this machine" }
    return found.map { device in
      var lines = ["\(device.kind.rawValue) \(device.path): \(device.name) (driver \(device.driver))"]
      if let serial = device.serial { lines.append("  serial number \(serial)") }
      if !device.aliases.isEmpty { lines.append("  also \(device.aliases.joined(separator: ", "))") }
      lines += device.abilities.map { "  \($0)" }
      if let problem = device.problem { lines.append("  problem: \(problem)") }
      return lines.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private static func verdicts(_ expected: [DeviceDiagnosis]) -> String {
    expected.map { device in
      let what = "\(device.role): \(device.driver) \(device.device ?? "(any)")"
      let state = device.found.map { ": there, \($0.name)" } ?? (device.usable ? ": there" : ": missing")
      return ([what + state] + device.reasons).joined(separator: "\n  ")
    }.joined(separator: "\n")
  }
}
