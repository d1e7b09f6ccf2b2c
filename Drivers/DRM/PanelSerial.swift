import Devices

/// The serial number in what a panel says of itself (EDID 1.4).
package enum PanelSerial {
  private static let header: [UInt8] = [0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0]
  private static let size = 128
  /// Where the four descriptors of 18 bytes begin.
  private static let descriptors = stride(from: 54, through: 108, by: 18)
  /// The kind of a descriptor that holds a serial number as text.
  private static let textKind: UInt8 = 0xFF
  /// What makers write where they give no number.
  private static let placeholders: Set<UInt32> = [0, 1, 0x0101_0101, .max]

  /// - Parameter connector: with its card, such as `card0-HDMI-A-1`.
  package static func number(on connector: String) -> String? {
    bytesOfFile("/sys/class/drm/\(connector)/edid").flatMap(number(in:))
  }

  /// The text where there is one, since only it has all digits; otherwise the number of 32 bits. Nil when there is neither.
  package static func number(in edid: [UInt8]) -> String? {
    guard edid.count >= size, edid.starts(with: header) else { return nil }
    return descriptors.lazy.compactMap { text(in: edid[$0..<$0 + 18]) }.first ?? binary(in: edid)
  }

  private static func text(in descriptor: ArraySlice<UInt8>) -> String? {
    let bytes = Array(descriptor)
    guard bytes[0...2].allSatisfy({ $0 == 0 }), bytes[3] == textKind else { return nil }
    let text = bytes[5...].prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }
    guard text.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
    let trimmed = String(decoding: text, as: UTF8.self).split(separator: " ").joined(separator: " ")
    return trimmed.isEmpty ? nil : trimmed
  }

  private static func binary(in edid: [UInt8]) -> String? {
    let number = edid[12...15].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return placeholders.contains(number) ? nil : "\(number)"
  }
}
