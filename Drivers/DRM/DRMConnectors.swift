import Devices

/// A connector of a graphics card, as the kernel lists it.
package struct DRMConnectorEntry: Sendable, Equatable {
  /// The number in `card0`.
  package var card: Int
  /// The name without the card, such as `HDMI-A-1`.
  package var name: String
  /// `connected`, `disconnected` or `unknown`.
  package var status: String
  /// Sizes in pixels, such as `1024x768`; every one once.
  package var sizes: [String]

  package init(card: Int, name: String, status: String, sizes: [String] = []) {
    self.card = card
    self.name = name
    self.status = status
    self.sizes = sizes
  }

  /// The name with the card, such as `card0-HDMI-A-1`.
  package var fullName: String { "card\(card)-\(name)" }

  package var isConnected: Bool { status == "connected" }

  /// For messages.
  package var summary: String {
    "\(fullName) (\(status)\(sizes.isEmpty ? "" : ", " + sizes.prefix(4).joined(separator: " ")))"
  }

  /// Splits `card0-HDMI-A-1`.
  package static func split(_ text: String) -> (card: Int, name: String)? {
    guard text.hasPrefix("card"), let dash = text.firstIndex(of: "-"),
      let card = Int(text[text.index(text.startIndex, offsetBy: 4)..<dash]), card >= 0
    else { return nil }
    let name = String(text[text.index(after: dash)...])
    return name.isEmpty ? nil : (card, name)
  }

  /// Every connector of every card, but for those that lead back into memory.
  /// - Parameter folder: `/sys/class/drm`.
  package static func all(in folder: String = "/sys/class/drm") -> [DRMConnectorEntry] {
    namesInFolder(folder).compactMap { entry in
      guard let (card, name) = split(entry), !name.hasPrefix("Writeback"),
        let status = firstLine(of: "\(folder)/\(entry)/status")
      else { return nil }
      var sizes: [String] = []
      for size in (textOfFile("\(folder)/\(entry)/modes") ?? "").split(separator: "\n").map(String.init)
      where !sizes.contains(size) { sizes.append(size) }
      return DRMConnectorEntry(card: card, name: name, status: status, sizes: sizes)
    }
  }
}

extension [DRMConnectorEntry] {
  /// The connector that the setting `device` means.
  ///
  /// - Parameters:
  ///   - device: a connector's name with or without the card; nil for the only one that is connected.
  ///   - card: the card that it must belong to; nil for any.
  /// - Throws: ``DeviceError`` when there is none or more than one, with all that there are.
  package func chosen(by device: String?, card: Int?, label: String) throws -> DRMConnectorEntry {
    let here = filter { card == nil || $0.card == card }
    guard let device else {
      let connected = here.filter(\.isConnected)
      if let only = connected.first, connected.count == 1 { return only }
      if connected.isEmpty { throw DeviceError.absent(device: label, present: here.map(\.summary)) }
      throw DeviceError.invalidSetting(
        device: label, setting: "device", value: label,
        accepted: "one of its connectors: \(connected.map(\.fullName).joined(separator: ", "))")
    }
    let full = DRMConnectorEntry.split(device)
    let named = here.filter { entry in full.map { $0 == (entry.card, entry.name) } ?? (entry.name == device) }
    guard let first = named.first else {
      throw DeviceError.absent(device: label, present: map(\.summary))
    }
    guard named.count == 1 else {
      throw DeviceError.invalidSetting(
        device: label, setting: "device", value: device,
        accepted: "one of \(named.map(\.fullName).joined(separator: ", "))")
    }
    return first
  }
}
