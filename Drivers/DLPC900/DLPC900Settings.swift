import Devices

/// The driver's settings of a bench file.
package struct DLPC900Settings: Sendable, Equatable {
  private enum Levels: String, CaseIterable {
    case binary = "2"
    case grey = "256"
  }

  package var selection: DeviceSelection
  /// Nil when the device shall say it.
  package var panel: DLPC900Panel?
  /// Seconds for which the device shows a pattern before it shows it again.
  package var exposure: Double
  /// Seconds of darkness after each exposure.
  package var darkTime: Double
  /// Bits of a grey level, 1 or 8.
  package var bitDepth: Int
  package var compression: Compression
  package var copiesPreviousLine: Bool
  package var safeLevel: UInt8

  /// - Throws: ``DeviceError/invalidSetting(device:setting:value:accepted:)``.
  package init(_ settings: Driver.Settings = [:]) throws {
    selection = DeviceSelection(settings["device"])
    let reader = try SettingsReader(
      settings, device: selection.deviceName,
      keys: ["device", "model", "exposure", "darkTime", "levels", "compression", "copyPrevious"])
    panel = try reader.choice("model")
    exposure = try reader.number("exposure", 1e-5...16, unit: "seconds, written without the unit") ?? 0.005
    darkTime = try reader.number("darkTime", 0...16, unit: "seconds, written without the unit") ?? 0
    bitDepth = try reader.choice("levels", Levels.self) == .grey ? 8 : 1
    compression = try reader.choice("compression") ?? .enhanced
    copiesPreviousLine = try reader.flag("copyPrevious") ?? true
    safeLevel = try reader.safeLevel()
    guard Int(safeLevel) < 1 << bitDepth else {
      throw DeviceError.invalidSetting(
        device: selection.deviceName, setting: "safeLevel", value: "\(safeLevel)",
        accepted: "0 or 1, or levels: 256")
    }
  }

  /// Patterns that share an image.
  package var patternsPerImage: Int { PatternImage.bitCount / bitDepth }

  package func definition(ofPattern index: Int) -> PatternDefinition {
    var definition = PatternDefinition(index: UInt16(index), exposure: Self.microseconds(exposure), image: 0)
    definition.darkTime = Self.microseconds(darkTime)
    definition.bitDepth = UInt8(bitDepth)
    definition.bitPosition = UInt8(index * bitDepth)
    return definition
  }

  private static func microseconds(_ seconds: Double) -> UInt32 { UInt32((seconds * 1e6).rounded()) }
}
