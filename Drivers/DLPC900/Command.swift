/// A command to the controller with its data.
///
/// Source: TI DLPU018J; the numbers are those of its tables for USB.
package struct Command: Equatable {
  package enum Kind: Equatable {
    /// Answered with data.
    case read
    /// Answered with whether it was carried out.
    case write
    /// Not answered. Loads of image data must be of this kind: with a reply to each, they come out corrupted.
    case silentWrite
  }

  package let name: String
  package let kind: Kind
  package let code: UInt16
  package let data: [UInt8]

  package init(_ name: String, _ kind: Kind, _ code: UInt16, _ data: [UInt8] = []) {
    self.name = name
    self.kind = kind
    self.code = code
    self.data = data
  }

  /// The message that carries the command.
  package func packet(sequence: UInt8) -> Packet {
    let flags: Packet.Flags =
      switch kind {
      case .read: [.read, .replyWanted]
      case .write: [.replyWanted]
      case .silentWrite: []
      }
    return Packet(flags: flags, sequence: sequence, body: littleEndian(code) + data)
  }
}

extension Command {
  /// The controllers of a panel; the larger panels have one for each half.
  package enum Controller: Equatable, CaseIterable { case primary, secondary }

  package enum DisplayMode: UInt8 { case video, storedPattern, videoPattern, patternOnTheFly }

  package enum Sequencer: UInt8 { case stop, pause, start }

  /// Bytes of image data in one ``load(_:on:)``.
  package static let loadSize = 504

  // MARK: - Status

  package static let readErrorCode = Command("reading the error code", .read, 0x0100)
  package static let readErrorText = Command("reading the error text", .read, 0x0101)
  package static let readPower = Command("reading the power mode", .read, 0x0200)
  /// The kind of panel and the tag of the firmware.
  package static let readHardware = Command("reading the kind of hardware", .read, 0x0206)
  package static let readHardwareStatus = Command("reading the hardware status", .read, 0x1A0A)
  package static let readSystemStatus = Command("reading the system status", .read, 0x1A0B)
  package static let readMainStatus = Command("reading the main status", .read, 0x1A0C)
  package static let readDisplayMode = Command("reading the display mode", .read, 0x1A1B)

  // MARK: - Control

  package static let wake = Command("waking up", .write, 0x0200, [0])

  package static func select(_ mode: DisplayMode) -> Command {
    Command("selecting the display mode", .write, 0x1A1B, [mode.rawValue])
  }

  package static func sequencer(_ action: Sequencer) -> Command {
    let name =
      switch action {
      case .stop: "stopping the sequence"
      case .pause: "pausing the sequence"
      case .start: "starting the sequence"
      }
    return Command(name, .write, 0x1A24, [action.rawValue])
  }

  package static func define(_ pattern: PatternDefinition) -> Command {
    Command("defining a pattern", .write, 0x1A34, pattern.bytes)
  }

  /// Ends the definitions: the pattern table has this many entries.
  /// - Parameter repeats: how many patterns are shown; 0 for no end.
  package static func configureTable(entries: UInt16, repeats: UInt32 = 0) -> Command {
    Command("configuring the pattern table", .write, 0x1A31, littleEndian(entries) + littleEndian(repeats))
  }

  /// Which patterns of the table are shown, in order, without defining or reloading them.
  /// - Parameter repeats: how many patterns are shown; 0 for no end.
  package static func reorder(_ entries: [UInt16], repeats: UInt32 = 0) -> Command {
    Command(
      "selecting the pattern", .write, 0x1A32,
      littleEndian(UInt16(truncatingIfNeeded: entries.count)) + littleEndian(repeats)
        + entries.flatMap { littleEndian($0) })
  }

  // MARK: - Images

  /// Announces an image.
  /// - Parameter bytes: its size with the header.
  package static func beginLoad(image: UInt16, bytes: Int, on controller: Controller) -> Command {
    Command(
      "announcing an image", .write, controller == .primary ? 0x1A2A : 0x1A2C,
      littleEndian(image) + littleEndian(UInt32(truncatingIfNeeded: bytes)))
  }

  /// At most ``loadSize`` bytes of the image that was announced.
  package static func load(_ part: ArraySlice<UInt8>, on controller: Controller) -> Command {
    Command(
      "loading an image", .silentWrite, controller == .primary ? 0x1A2B : 0x1A2D,
      littleEndian(UInt16(truncatingIfNeeded: part.count)) + part)
  }
}

/// An entry of the pattern table, 12 bytes on the wire.
package struct PatternDefinition: Equatable {
  package enum Colour: UInt8 { case none, red, green, yellow, blue, magenta, cyan, white }

  /// Place in the table.
  package var index: UInt16
  /// Microseconds; 24 bits.
  package var exposure: UInt32
  /// Microseconds after the exposure; 24 bits.
  package var darkTime: UInt32 = 0
  /// Bits of the grey levels, 1…8.
  package var bitDepth: UInt8 = 1
  /// The light sources of the board that go with it.
  package var colour = Colour.white
  package var clearsAfterExposure = false
  package var waitsForTrigger = false
  /// Set, the second trigger output stays silent.
  package var disablesTriggerOutput2 = false
  /// The image that holds it.
  package var image: UInt16
  /// Its lowest bit in the image, 0…23.
  package var bitPosition: UInt8 = 0

  package init(index: UInt16, exposure: UInt32, image: UInt16) {
    self.index = index
    self.exposure = exposure
    self.image = image
  }

  package var bytes: [UInt8] {
    let options =
      (clearsAfterExposure ? 1 : 0) | (bitDepth &- 1 & 7) << 1 | colour.rawValue << 4 | (waitsForTrigger ? 0x80 : 0)
    return littleEndian(index) + littleEndian(exposure).prefix(3) + [options]
      + littleEndian(darkTime).prefix(3) + [disablesTriggerOutput2 ? 1 : 0]
      + littleEndian(image & 0x7FF | UInt16(bitPosition) << 11)
  }
}

/// The bytes of a number, the lowest first.
package func littleEndian<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
  (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}
