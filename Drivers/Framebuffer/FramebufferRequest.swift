import Devices

/// What the settings of a bench file ask for.
package struct FramebufferRequest: Sendable {
  static let major: UInt64 = 29
  static let expected = "a framebuffer such as /dev/fb0"

  /// As the bench file has it, a number as a path.
  private(set) var device = ""
  /// Nil leaves it as it is.
  var width: Int?
  var height: Int?
  /// Bits of a pixel.
  var bits: Int?
  private(set) var safeLevel: UInt8 = 0

  static let settings = Settings(FramebufferRequest()) {
    Setting(
      required: "device", \.device,
      .text("a path such as /dev/fb0, its number, or the name in /proc/fb") { text in
        Int(text).map { "/dev/fb\($0)" } ?? text
      },
      "the name in `/proc/fb`, which stays the same; or a path (`/dev/fb1`) or number (`1`), which depend on the order in "
        + "which kernel modules are loaded")
    Setting("width", \.width, .integer(1...16384), "pixels in a row; unchanged unless given")
    Setting("height", \.height, .integer(1...16384), "pixels in a column; unchanged unless given")
    Setting("bits", \.bits, .integer(8...32), "8, 16, 24 or 32 for each pixel; unchanged unless given")
    Setting("safeLevel", \.safeLevel, .level, "grey level of the safe pattern")
  }

  private init() {}

  package init(_ settings: Driver.Settings) throws {
    let label = settings["device"] ?? "framebuffer"
    self = try Self.settings.read(settings, device: label)
    if let bits, ![8, 16, 24, 32].contains(bits) {
      throw DeviceError.invalidSetting(device: label, setting: "bits", value: "\(bits)", accepted: "8, 16, 24 or 32")
    }
  }

  /// Refuses a safe pattern of a level that the panel does not have.
  package func requireSafeLevel(on pixels: PanelPixels) throws {
    guard Int(safeLevel) < pixels.greyLevels else {
      throw DeviceError.invalidSetting(
        device: device, setting: "safeLevel", value: "\(safeLevel)", accepted: "a level in 0…\(pixels.greyLevels - 1)")
    }
  }

  /// Finds the device, as things are now.
  func node() throws -> DeviceNode {
    let entries = FramebufferEntry.all()
    let path = try entries.path(of: device)
    let node = try DeviceNode(path, device: device, expected: Self.expected, present: entries.map(\.summary))
    guard node.major == Self.major else {
      throw DeviceError.notADevice(path: path, expected: Self.expected, found: "another device")
    }
    return node
  }
}
