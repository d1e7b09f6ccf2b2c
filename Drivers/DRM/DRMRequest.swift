import Devices

/// What the settings of a bench file ask for.
struct DRMRequest: Sendable {
  static let major: UInt64 = 226

  let device: String
  let card: String?
  let mode: DRMModeRequest?
  let safeLevel: UInt8
  /// Whether atomic mode setting is used where the card has it.
  let atomic: Bool

  init(_ settings: Driver.Settings) throws {
    let label = settings["device"] ?? "drm"
    let reader = try SettingsReader(settings, device: label, keys: ["device", "card", "mode", "atomic"])
    device = try reader.required("device", as: "a connector such as HDMI-A-1, or a card such as /dev/dri/card0")
    card = reader.text("card")
    mode = try reader.text("mode").map { text in
      guard let mode = DRMModeRequest(text) else {
        throw DeviceError.invalidSetting(
          device: label, setting: "mode", value: text, accepted: "a mode such as 1024x768 or 1024x768@60")
      }
      return mode
    }
    atomic = try reader.flag("atomic") ?? true
    safeLevel = try reader.safeLevel()
    if isPath, card != nil {
      throw DeviceError.invalidSetting(
        device: label, setting: "card", value: card ?? "", accepted: "a connector as device with it, or no card")
    }
  }

  private var isPath: Bool { device.hasPrefix("/") }

  /// Finds the card and the connector, as things are now.
  func address() throws -> (node: DeviceNode, connector: DRMConnectorEntry) {
    let entries = DRMConnectorEntry.all()
    let named = try (isPath ? device : card).map { try node($0, entries) }
    let connector = try entries.chosen(
      by: isPath ? nil : device, card: named.map { Int($0.minor) }, label: device)
    return (try named ?? node("/dev/dri/card\(connector.card)", entries), connector)
  }

  private func node(_ path: String, _ entries: [DRMConnectorEntry]) throws -> DeviceNode {
    let expected = "a graphics card such as /dev/dri/card0"
    let node = try DeviceNode(path, device: device, expected: expected, present: entries.map(\.summary))
    guard node.major == Self.major else {
      throw DeviceError.notADevice(path: path, expected: expected, found: "another device")
    }
    guard node.minor < 64 else {
      throw DeviceError.notADevice(
        path: path, expected: expected, found: "a card's node for computing, which shows nothing")
    }
    return node
  }
}
