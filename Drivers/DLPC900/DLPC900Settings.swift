import Devices

/// The driver's settings of a bench file.
package struct DLPC900Settings: Sendable, Equatable {
  package enum Levels: String, CaseIterable, Sendable {
    case binary = "2"
    case grey = "256"
  }

  package private(set) var selection = DeviceSelection(nil)
  /// Nil when the device shall say it.
  package private(set) var panel: DLPC900Panel?
  /// Seconds for which the device shows a pattern before it shows it again.
  package private(set) var exposure = 0.005
  /// Seconds of darkness after each exposure.
  package private(set) var darkTime = 0.0
  private var levels = Levels.binary
  package private(set) var compression = Compression.enhanced
  package private(set) var copiesPreviousLine = true
  package private(set) var safeLevel: UInt8 = 0

  /// Bits of a grey level, 1 or 8.
  package var bitDepth: Int { levels == .grey ? 8 : 1 }

  package static let declared = Settings(DLPC900Settings()) {
    Setting(
      "device", \.selection, .text("a serial number, a port or a path") { DeviceSelection($0) },
      "serial number; bus and ports such as `1-2.3`; `/dev/odu/slm-…` or another path to the USB node; `any` or nothing if "
        + "there is only one")
    Setting(
      "model", \.panel, .choice,
      "one of the table above; needed only if the firmware does not report it, and refused if it reports another")
    Setting(
      "exposure", \.exposure, .seconds(1e-5...16),
      "for which the device shows the pattern before repeating it; the device refuses exposures below about 105 µs for "
        + "binary and 4.05 ms for grey patterns")
    Setting("darkTime", \.darkTime, .seconds(0...16), "of darkness after each exposure")
    Setting(
      "levels", \.levels, .choice, "2 for binary patterns, 24 to an image; 256 for grey ones, 3 to an image")
    Setting("compression", \.compression, .choice, "`enhanced` or `rle` run lengths, or `none`")
    Setting(
      "copyPrevious", \.copiesPreviousLine, .flag,
      "`false` if thin diagonals come out wrong: some panels do not decode copies from the line above correctly")
    Setting("safeLevel", \.safeLevel, .level, "level of every mirror of the safe pattern")
  }

  package init() {}

  /// - Throws: ``DeviceError/invalidSetting(device:setting:value:accepted:)``.
  package init(_ settings: Driver.Settings) throws {
    let device = DeviceSelection(settings["device"]).deviceName
    self = try Self.declared.read(settings, device: device)
    guard Int(safeLevel) < 1 << bitDepth else {
      throw DeviceError.invalidSetting(
        device: device, setting: "safeLevel", value: "\(safeLevel)", accepted: "0 or 1, or levels: 256")
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
