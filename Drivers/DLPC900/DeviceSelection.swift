import Devices

/// Which device a bench file means.
package enum DeviceSelection: Equatable, Sendable {
  /// The only one there is.
  case any
  /// A serial number, or bus and ports such as `1-2.3`.
  case name(String)
  /// A device node, or a link to one.
  case path(String)

  package init(_ setting: String?) {
    switch setting {
    case nil, "", "any": self = .any
    case let text? where text.hasPrefix("/"): self = .path(text)
    case let text?: self = .name(text)
    }
  }

  /// What messages call the device.
  package var deviceName: String {
    switch self {
    case .any: "DLPC900"
    case .name(let text), .path(let text): "DLPC900 \(text)"
    }
  }

  /// Finds the device among those that are plugged in.
  /// - Parameter resolve: the target of a path, nil when nothing is there.
  /// - Throws: ``DeviceError``: absent, not a device of this kind, or more than one that it could be.
  package func find(among devices: [USBDevice], resolve: (String) -> String? = resolvedPath) throws -> USBDevice {
    let usable = devices.filter(\.isDLPC900)
    let matches: [USBDevice]
    switch self {
    case .any: matches = usable
    case .name(let text): matches = devices.filter { $0.serial == text || $0.port == text }
    case .path(let path):
      matches =
        try resolve(path).map { target in
          let found = devices.filter { $0.node == target }
          if found.isEmpty { throw Self.notADevice(path, found: "something else than a USB device (\(target))") }
          return found
        } ?? []
    }
    guard let device = matches.first(where: \.isDLPC900) ?? matches.first else {
      throw DeviceError.absent(device: deviceName, present: usable.map(\.identity))
    }
    guard device.isDLPC900 else { throw Self.notADevice(device.node, found: device.kind) }
    guard matches.filter(\.isDLPC900).count == 1 else {
      throw DeviceError.invalidSetting(
        device: deviceName, setting: "device", value: "'\(text)'",
        accepted: "one of \(usable.map(\.port).joined(separator: ", ")), since several fit")
    }
    return device
  }

  private var text: String {
    switch self {
    case .any: "any"
    case .name(let text), .path(let text): text
    }
  }

  private static func notADevice(_ path: String, found: String) -> DeviceError {
    .notADevice(path: path, expected: "a DLPC900 (USB device 0451:c900)", found: found)
  }
}

extension USBDevice {
  /// The setting that selects the device: its serial number, or where it is plugged in when it has none.
  package var identity: String { serial ?? port }
}
