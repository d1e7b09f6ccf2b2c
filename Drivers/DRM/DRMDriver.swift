import CDRM
import Devices

private let driverName = "drm"

extension Driver {
  /// Panels that hang on graphics cards like monitors, driven through the kernel's mode setting (DRM/KMS), without a
  /// desktop.
  public static var drm: Driver {
    Driver(
      name: driverName, summary: "panels that hang on graphics cards like monitors, through the kernel's mode setting",
      settings: DRMRequest.settings.parameters,
      modulator: { settings in
        let request = try DRMRequest(settings)
        return try await ScanoutModulator.open(
          name: request.device, driver: driverName, safeLevel: request.safeLevel
        ) { try DRMPanel(request, mode: request.mode) }
      }, checkModulatorSettings: { _ = try DRMRequest($0) },
      discover: {
        let thread = DeviceThread(name: "drm discovery")
        return (try? await DeviceOpening(on: thread).run { DRMConnectorEntry.all().found() }) ?? []
      })
  }
}

extension [DRMConnectorEntry] {
  /// Looks at the cards of the connectors, without a change to what they show.
  fileprivate func found() -> [FoundDevice] {
    let cards = Dictionary(grouping: self, by: \.card)
    return cards.keys.sorted().flatMap { number -> [FoundDevice] in
      let entries = cards[number] ?? []
      let card = CardFacts(number)
      return entries.map { entry in
        let isUnique = count { $0.name == entry.name } == 1
        let isOnly = entry.isConnected && entries.count(where: \.isConnected) == 1
        let modes = card.modes[entry.name] ?? entry.sizes
        return FoundDevice(
          kind: .modulator, driver: driverName, name: "\(entry.name) of \(card.driver)",
          path: isUnique ? entry.name : entry.fullName, serial: PanelSerial.number(on: entry.fullName),
          aliases: (isUnique ? [entry.fullName] : []) + (isOnly ? [card.path] : []),
          abilities: [entry.status] + (modes.isEmpty ? [] : ["modes \(modes.joined(separator: " "))"])
            + (entry.isConnected ? card.properties[entry.name] ?? [] : []),
          problem: card.problem ?? (entry.isConnected ? nil : "no panel is connected, or it is switched off"))
      }
    }
  }
}

/// What a look at a card tells.
private struct CardFacts {
  let path: String
  var driver = "an unknown driver"
  var problem: String?
  /// The modes of each connector.
  var modes: [String: [String]] = [:]
  /// What the properties of each connector that is fed do to grey levels, where that is worth a word.
  var properties: [String: [String]] = [:]

  init(_ number: Int) {
    path = "/dev/dri/card\(number)"
    do {
      let node = try DeviceNode(path, device: path, expected: "a graphics card", present: [])
      let file = try node.open(device: path)
      // Whoever opens a card that has no master becomes it, which would keep others out.
      drmDropMaster(file.number)
      look(at: file.number)
    } catch {
      problem = "\(error)"
    }
  }

  private mutating func look(at descriptor: Int32) {
    if let version = drmGetVersion(descriptor) {
      if let name = version.pointee.name { driver = String(cString: name) }
      drmFreeVersion(version)
    }
    var value: UInt64 = 0
    if drmGetCap(descriptor, UInt64(DRM_CAP_DUMB_BUFFER), &value) != 0 || value == 0 {
      problem = "the kernel driver \(driver) has no buffers that a program can draw in (dumb buffers)"
    }
    for id in DRMResources(on: descriptor)?.connectors ?? [] {
      guard let connector = DRMConnector(id, on: descriptor, probing: false) else { continue }
      for mode in connector.modes where !mode.isInterlaced && !(modes[connector.name] ?? []).contains(mode.text) {
        modes[connector.name, default: []].append(mode.text)
      }
      let objects = [DRMObject(id, .connector)] + (connector.crtc.map { [DRMObject($0, .crtc)] } ?? [])
      let findings = DRMFidelity(port: DRMDescriptorPort(descriptor: descriptor), objects: objects).findings()
      properties[connector.name] =
        [findings.outstanding].compactMap(\.self) + findings.filter { $0.wanted == nil }.warnings
    }
  }
}
