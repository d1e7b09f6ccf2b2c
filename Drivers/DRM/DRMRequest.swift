import Devices

/// What the settings of a bench file ask for.
struct DRMRequest: Sendable {
  static let major: UInt64 = 226

  private(set) var device = ""
  private(set) var card: String?
  private(set) var mode: DRMModeRequest?
  private(set) var safeLevel: UInt8 = 0
  /// Whether atomic mode setting is used where the card has it.
  private(set) var atomic = true

  static let settings = Settings(DRMRequest()) {
    Setting(
      required: "device", \.device, .text("a connector such as HDMI-A-1, or a card such as /dev/dri/card0"),
      "a connector (`HDMI-A-1`), a connector of one card (`card1-HDMI-A-1`), or the path of a card with exactly one panel "
        + "connected (`/dev/dri/card0`, `/dev/odu/slm-…`); `odu-ctl devices` lists them")
    Setting(
      "card", \.card, .text("the path of a card"),
      "the card of the connector as a path, such as `/dev/dri/by-path/pci-0000:01:00.0-card`; card numbers depend on the "
        + "order in which kernel modules are loaded")
    Setting(
      "mode", \.mode, .text("a mode such as 1024x768 or 1024x768@60") { DRMModeRequest($0) },
      "`1024x768` or `1024x768@60`; without it the mode that the panel prefers")
    Setting(
      "atomic", \.atomic, .flag,
      "`false` uses the kernel's older interface even if the card has the atomic one, for kernel drivers that handle it "
        + "better")
    Setting("safeLevel", \.safeLevel, .level, "grey level of the safe pattern")
  }

  private init() {}

  init(_ settings: Driver.Settings) throws {
    let label = settings["device"] ?? "drm"
    self = try Self.settings.read(settings, device: label)
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
