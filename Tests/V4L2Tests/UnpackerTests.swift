import Devices
import Testing
import V4L2

@Suite("The sensor's numbers in a buffer")
struct UnpackerTests {
  /// The number that the bits of a word from `low` on make, digit by digit.
  private func number(_ word: UInt16, bits: Int, from low: Int) -> UInt16 {
    var value: UInt16 = 0
    for digit in stride(from: low + bits - 1, through: low, by: -1) { value = 2 * value + (word >> UInt16(digit)) % 2 }
    return value
  }

  private func unpack(_ unpacker: Unpacker, _ bytes: [UInt8]) -> (pixels: [UInt16], flags: Frame.Flags) {
    bytes.withUnsafeBytes(unpacker.unpack)
  }

  @Test("every word of 16 bits, left- and right-justified, in both orders of its bytes", arguments: 8...16)
  func words(bits: Int) {
    let all = (0...UInt16.max).map { $0 }
    for (format, order) in [(PixelFormat.y16, false), (.y16BigEndian, true)] {
      for justified in Unpacker.Justification.allCases {
        let low = justified == .left ? 16 - bits : 0
        let bytes = all.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }.withOrder(swapped: order)
        let unpacker = Unpacker(
          format: format, width: 256, height: 256, bytesPerLine: 512, bits: bits, justified: justified)
        let (pixels, flags) = unpack(unpacker, bytes)
        #expect(pixels == all.map { number($0, bits: bits, from: low) })
        #expect(pixels.max() == UInt16((1 << bits) - 1))
        #expect(flags == (bits == 16 ? [] : .error))
      }
    }
  }

  @Test("each bit that does not belong to the sensor flags the frame, and no other does", arguments: 8...16)
  func strayBits(bits: Int) {
    for justified in Unpacker.Justification.allCases {
      let own = justified == .left ? (16 - bits)..<16 : 0..<bits
      for bit in 0..<16 {
        let word = UInt16(1) << UInt16(bit)
        let unpacker = Unpacker(format: .y16, width: 3, height: 1, bytesPerLine: 6, bits: bits, justified: justified)
        let flags = unpack(unpacker, [0, 0, UInt8(word & 255), UInt8(word >> 8), 0, 0]).flags
        #expect(flags == (own.contains(bit) ? [] : .error))
      }
    }
  }

  @Test("every number of the 10-, 12- and 14-bit formats", arguments: [(PixelFormat.y10, 10), (.y12, 12), (.y14, 14)])
  func shallowWords(format: PixelFormat, bits: Int) {
    let all = (0..<UInt16(1 << bits)).map { $0 }
    let unpacker = Unpacker(format: format, width: all.count, height: 1, bytesPerLine: 2 * all.count, bits: bits)
    let (pixels, flags) = unpack(unpacker, all.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    #expect(pixels == all)
    #expect(flags.isEmpty)
  }

  @Test("MIPI RAW10 as the kernel's documentation lays it out, for every number at every place")
  func packedTens() {
    // Each row of 1024 numbers begins at another place in a group.
    let all = (0..<4).flatMap { row in (0..<1024).map { UInt16(($0 + row) % 1024) } }
    // The upper eight bits of pixels 0 to 3, then D1 D0 C1 C0 B1 B0 A1 A0.
    let bytes = stride(from: 0, to: all.count, by: 4).flatMap { first -> [UInt8] in
      let group = all[first..<(first + 4)]
      let digits: String = group.reversed().map { String(binary($0, 10).suffix(2)) }.joined()
      var bytes: [UInt8] = group.map { UInt8($0 / 4) }
      bytes.append(UInt8(digits, radix: 2) ?? 0)
      return bytes
    }
    let unpacker = Unpacker(format: .y10Packed, width: 64, height: 64, bytesPerLine: 80, bits: 10)
    #expect(unpack(unpacker, bytes).pixels == all)
    #expect(Set(all).count == 1024)
  }

  @Test("MIPI RAW12 as the kernel's documentation lays it out, for every number at every place")
  func packedTwelves() {
    let all = (0..<UInt16(4096)).flatMap { [$0, 4095 - $0] }
    // The upper eight bits of pixels 0 and 1, then B3 B2 B1 B0 A3 A2 A1 A0.
    let bytes = stride(from: 0, to: all.count, by: 2).flatMap { first -> [UInt8] in
      let (a, b) = (all[first], all[first + 1])
      let digits = binary(b, 12).suffix(4) + binary(a, 12).suffix(4)
      return [UInt8(a / 16), UInt8(b / 16), UInt8(digits, radix: 2) ?? 0]
    }
    let unpacker = Unpacker(format: .y12Packed, width: 128, height: 64, bytesPerLine: 192, bits: 12)
    #expect(unpack(unpacker, bytes).pixels == all)
  }

  private func binary(_ value: UInt16, _ digits: Int) -> String {
    let text = String(value, radix: 2)
    return String(repeating: "0", count: digits - text.count) + text
  }

  @Test("luma of YUYV and bytes of GREY, with rows that end in padding")
  func bytes() {
    let padded: [UInt8] = [1, 99, 2, 99, 77, 77, 3, 99, 255, 99]
    let yuyv = Unpacker(format: .yuyv, width: 2, height: 2, bytesPerLine: 6, bits: 8)
    #expect(unpack(yuyv, padded).pixels == [1, 2, 3, 255])
    let grey = Unpacker(format: .grey, width: 3, height: 2, bytesPerLine: 5, bits: 8)
    let (pixels, flags) = unpack(grey, [1, 2, 255, 77, 77, 4, 5, 6])
    #expect(pixels == [1, 2, 255, 4, 5, 6])
    #expect(flags.isEmpty)
  }

  @Test("rows that are not there are black and make the frame incomplete", arguments: 0...12)
  func shortFrames(count: Int) {
    let unpacker = Unpacker(format: .grey, width: 3, height: 3, bytesPerLine: 4, bits: 8)
    let (pixels, flags) = unpack(unpacker, [UInt8](repeating: 9, count: count))
    let rows = [3, 7, 11].filter { $0 <= count }.count
    #expect(pixels == [UInt16](repeating: 9, count: 3 * rows) + [UInt16](repeating: 0, count: 9 - 3 * rows))
    #expect(flags == (rows == 3 ? [] : .incomplete))
  }
}

extension [UInt8] {
  /// The bytes in pairs, exchanged or not.
  fileprivate func withOrder(swapped: Bool) -> [UInt8] {
    swapped ? indices.map { self[$0 ^ 1] } : self
  }
}
