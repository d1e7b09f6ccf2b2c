import DRM
import Testing

/// VESA Enhanced EDID 1.4: the number of 32 bits stands in bytes 12 to 15, lowest first; a descriptor of kind FF holds it as text.
@Suite("Serial numbers of panels") struct PanelSerialTests {
  private func edid(number: [UInt8], descriptor: (place: Int, bytes: [UInt8])? = nil) -> [UInt8] {
    var bytes: [UInt8] = [0, 255, 255, 255, 255, 255, 255, 0, 0x10, 0xAC, 0x64, 0xA0] + number
    bytes += [UInt8](repeating: 0, count: 128 - bytes.count)
    if let descriptor {
      bytes.replaceSubrange(descriptor.place..<descriptor.place + descriptor.bytes.count, with: descriptor.bytes)
    }
    return bytes
  }

  private func text(_ text: String, kind: UInt8 = 0xFF) -> [UInt8] {
    let letters = Array(text.utf8) + [0x0A]
    return [0, 0, 0, kind, 0] + letters + [UInt8](repeating: 0x20, count: 13 - letters.count)
  }

  @Test("the number is read lowest byte first") func number() {
    #expect(PanelSerial.number(in: edid(number: [0x4C, 0x30, 0x35, 0x31])) == "825569356")
  }

  @Test("the text goes before the number, in whichever descriptor it stands", arguments: [54, 72, 90, 108])
  func inDescriptor(place: Int) {
    #expect(PanelSerial.number(in: edid(number: [1, 2, 3, 4], descriptor: (place, text("HX-0042 B")))) == "HX-0042 B")
  }

  @Test("the name of a monitor is no serial number, nor what makers write where they give none")
  func none() {
    #expect(PanelSerial.number(in: edid(number: [0, 0, 0, 0], descriptor: (54, text("LUNA", kind: 0xFC)))) == nil)
    for number: [UInt8] in [[1, 1, 1, 1], [255, 255, 255, 255], [1, 0, 0, 0]] {
      #expect(PanelSerial.number(in: edid(number: number)) == nil)
    }
    #expect(PanelSerial.number(in: edid(number: [9, 9, 9, 9], descriptor: (54, text("   ")))) == "151587081")
  }

  @Test("what is too short or no EDID has none") func damaged() {
    #expect(PanelSerial.number(in: []) == nil)
    #expect(PanelSerial.number(in: Array(edid(number: [1, 2, 3, 4]).dropLast())) == nil)
    #expect(PanelSerial.number(in: [1] + edid(number: [1, 2, 3, 4]).dropFirst()) == nil)
  }
}
