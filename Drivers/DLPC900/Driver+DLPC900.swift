import Devices

extension DLPC900Modulator {
  package static let driverName = "dlpc900"

  /// Opens the device that the settings of a bench file describe.
  /// - Throws: ``DeviceError``.
  public static func open(_ settings: Driver.Settings) async throws -> DLPC900Modulator {
    let settings = try DLPC900Settings(settings)
    return try await open(settings: settings) {
      let context = try USBContext()
      let device = try settings.selection.find(among: try USBDevice.all(in: context))
      if let problem = device.problem { throw problem }
      return try LibUSBTransport(device, name: settings.selection.deviceName, context: context)
    }
  }
}

extension Driver {
  /// TI's DLPC900 family of micromirror controllers, over USB.
  public static var dlpc900: Driver {
    Driver(
      name: DLPC900Modulator.driverName, summary: "micromirror controllers of TI's DLPC900 family, over USB",
      settings: DLPC900Settings.declared.parameters,
      modulator: { try await DLPC900Modulator.open($0) },
      checkModulatorSettings: { _ = try DLPC900Settings($0) },
      discover: {
        let thread = DeviceThread(name: "\(DLPC900Modulator.driverName) discovery")
        return (try? await DeviceOpening(on: thread).run { discoverDLPC900() }) ?? []
      })
  }
}

/// Looks at what the kernel knows and opens nothing, since that would take the device from whoever uses it.
private func discoverDLPC900() -> [FoundDevice] {
  guard let context = try? USBContext(), let all = try? USBDevice.all(in: context) else { return [] }
  let devices = all.filter(\.isDLPC900)
  return devices.map { device in
    let isUnique = devices.filter { $0.identity == device.identity }.count == 1
    let path = isUnique ? device.identity : device.port
    return FoundDevice(
      kind: .modulator, driver: DLPC900Modulator.driverName, name: device.name ?? "DLPC900", path: path,
      serial: device.serial, aliases: ([device.port, device.node] + links(to: device.node)).filter { $0 != path },
      abilities: [
        "24 binary patterns or 3 grey ones at once, over USB",
        "panels: \(DLPC900Panel.allCases.map { "\($0.rawValue) \($0.width)×\($0.height)" }.joined(separator: ", "))",
      ],
      problem: device.problem?.description)
  }
}

/// The stable names that point to a node.
private func links(to node: String) -> [String] {
  let folder = "/dev/odu"
  return namesInFolder(folder).map { "\(folder)/\($0)" }.filter { resolvedPath($0) == node }
}
