import Devices

/// What the settings of a bench file ask for.
package struct FramebufferRequest: Sendable {
  static let major: UInt64 = 29
  static let expected = "a framebuffer such as /dev/fb0"

  /// As the bench file has it, a number as a path.
  let device: String
  /// Nil leaves it as it is.
  var width: Int?
  var height: Int?
  /// Bits of a pixel.
  var bits: Int?
  let safeLevel: UInt8

  package init(_ settings: Driver.Settings) throws {
    let label = settings["device"] ?? "framebuffer"
    let reader = try SettingsReader(settings, device: label, keys: ["device", "width", "height", "bits"])
    let text = try reader.required("device", as: "a path such as /dev/fb0, its number, or the name in /proc/fb")
    device = Int(text).map { "/dev/fb\($0)" } ?? text
    width = try reader.integer("width", 1...16384)
    height = try reader.integer("height", 1...16384)
    bits = try reader.integer("bits", 8...32)
    if let bits, ![8, 16, 24, 32].contains(bits) {
      throw DeviceError.invalidSetting(device: label, setting: "bits", value: "\(bits)", accepted: "8, 16, 24 or 32")
    }
    safeLevel = try reader.safeLevel()
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
