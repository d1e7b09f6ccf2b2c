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

  /// Numbers of every kind at every place of a group, in rows of a width that is no whole number of groups.
  private func numbers(_ bits: Int, width: Int, height: Int) -> [UInt16] {
    (0..<width * height).map {
      UInt16(truncatingIfNeeded: ($0 * 2_654_435_761) >> 7) & UInt16(truncatingIfNeeded: (1 << bits) - 1)
    }
  }

  /// Bytes of which the bits are these characters, the first of each eight the highest.
  private func bytes(_ digits: some StringProtocol) -> [UInt8] {
    let digits = Array(digits)
    return stride(from: 0, to: digits.count, by: 8).map { UInt8(String(digits[$0..<($0 + 8)]), radix: 2) ?? 0 }
  }

  @Test("MIPI RAW14 as the kernel's documentation lays it out", arguments: [8, 6, 5])
  func packedFourteens(width: Int) {
    let all = numbers(14, width: width, height: 3)
    // a[13:6], b[13:6], c[13:6], d[13:6], b[1:0]a[5:0], c[3:0]b[5:2], d[5:0]c[5:4]; what is missing is zero.
    let rows = stride(from: 0, to: all.count, by: width).map { start -> [UInt8] in
      let row = Array(all[start..<(start + width)]) + [0, 0, 0]
      return stride(from: 0, to: width, by: 4).flatMap { first -> [UInt8] in
        let text = row[first..<(first + 4)].map { binary($0, 14) }
        func part(_ pixel: Int, _ high: Int, _ low: Int) -> Substring {
          text[pixel].dropFirst(13 - high).prefix(high - low + 1)
        }
        let digits =
          (0..<4).map { part($0, 13, 6) } + [
            part(1, 1, 0), part(0, 5, 0), part(2, 3, 0), part(1, 5, 2), part(3, 5, 0), part(2, 5, 4),
          ]
        return bytes(digits.joined())
      }
    }
    let line = (width + 3) / 4 * 7
    let unpacker = Unpacker(format: .y14Packed, width: width, height: 3, bytesPerLine: line, bits: 14)
    #expect(unpack(unpacker, Array(rows.joined())).pixels == all)
    #expect(PixelFormat.y14Packed.rowBytes(width: width) == line)
  }

  @Test("Y10BPACK is one bit behind the other, the highest first, with rows padded", arguments: [4, 8, 5, 3])
  func bigEndianBits(width: Int) {
    let all = numbers(10, width: width, height: 4)
    let needed = (10 * width + 7) / 8
    let line = needed + 3
    let rows = stride(from: 0, to: all.count, by: width).flatMap { start -> [UInt8] in
      let digits = all[start..<(start + width)].map { binary($0, 10) }.joined()
      return bytes(digits + String(repeating: "0", count: 8 * needed - digits.count)) + [0xaa, 0xbb, 0xcc]
    }
    let unpacker = Unpacker(format: .y10Bits, width: width, height: 4, bytesPerLine: line, bits: 10)
    #expect(unpack(unpacker, rows).pixels == all)
    #expect(PixelFormat.y10Bits.rowBytes(width: width) == needed)
  }

  @Test(
    "IPU3_Y10 is 25 numbers in 32 bytes, the lowest bit first, and six bits that are zero", arguments: [25, 50, 30, 7])
  func ipu3(width: Int) {
    let all = numbers(10, width: width, height: 2)
    let groups = (width + 24) / 25
    var rows = stride(from: 0, to: all.count, by: width).flatMap { start -> [UInt8] in
      let row = Array(all[start..<(start + width)]) + [UInt16](repeating: 0, count: 25 * groups - width)
      return stride(from: 0, to: row.count, by: 25).flatMap { first -> [UInt8] in
        // Written from the end, the lowest bit is the last one.
        let digits = "000000" + row[first..<(first + 25)].reversed().map { binary($0, 10) }.joined()
        return bytes(digits).reversed()
      }
    }
    let unpacker = Unpacker(format: .y10IPU3, width: width, height: 2, bytesPerLine: 32 * groups, bits: 10)
    #expect(unpack(unpacker, rows).pixels == all && unpack(unpacker, rows).flags.isEmpty)
    rows[31] |= 0x80
    #expect(unpack(unpacker, rows).flags == .error)
  }

  @Test(
    "Y012 has its bits on the upper side whatever the bench file says; other words where it says",
    arguments: [10, 12, 14])
  func justification(bits: Int) {
    let all = numbers(bits, width: 16, height: 2)
    let left = all.flatMap { bytes(binary($0 << UInt16(16 - bits), 16)).reversed() }
    let format = [10: PixelFormat.y10, 12: .y12, 14: .y14][bits] ?? .y16
    let words = Unpacker(format: format, width: 16, height: 2, bytesPerLine: 32, bits: bits, justified: .left)
    #expect(unpack(words, left).pixels == all && unpack(words, left).flags.isEmpty)
    guard bits == 12 else { return }
    let upper = Unpacker(format: .y12Left, width: 16, height: 2, bytesPerLine: 32, bits: 12)
    #expect(unpack(upper, left).pixels == all && unpack(upper, left).flags.isEmpty)
    #expect(unpack(upper, left.map { $0 | 1 }).flags == .error)
  }

  @Test("luma is in the byte that the format says, and of planes in the first")
  func luma() throws {
    let packed: [UInt8] = [11, 12, 13, 14, 15, 16, 17, 18, 77, 77, 21, 22, 23, 24, 25, 26, 27, 28]
    for (name, expected) in [
      ("YUYV", [11, 13, 15, 21, 23, 25]), ("YVYU", [11, 13, 15, 21, 23, 25]), ("UYVY", [12, 14, 16, 22, 24, 26]),
      ("VYUY", [12, 14, 16, 22, 24, 26]),
    ] as [(String, [UInt16])] {
      let format = try #require(PixelFormat(rawValue: name))
      // Three pixels take the bytes of four.
      let unpacker = Unpacker(format: format, width: 3, height: 2, bytesPerLine: 10, bits: 8)
      #expect(unpack(unpacker, packed).pixels == expected, "\(name)")
    }
    for name in ["NV12", "NV21", "NV16", "NV61", "YUV420", "YVU420", "YUV422P"] {
      let format = try #require(PixelFormat(rawValue: name))
      let unpacker = Unpacker(format: format, width: 3, height: 2, bytesPerLine: 4, bits: 8)
      #expect(
        unpack(unpacker, [1, 2, 3, 99, 4, 5, 6, 99, 128, 128, 128, 128]).pixels == [1, 2, 3, 4, 5, 6], "\(name)")
    }
  }

  @Test("a luma of 16 to 235 is put in proportion, black to white, and one of 0 to 255 left alone")
  func lumaRange() {
    let all = (0...255).map { UInt8($0) }
    let limited = Unpacker(format: .grey, width: 256, height: 1, bytesPerLine: 256, bits: 8, isLimited: true)
    let values = unpack(limited, all).pixels
    for (byte, value) in values.enumerated() {
      let exact = min(1, max(0, (Double(byte) - 16) / 219)) * 255
      #expect(abs(Double(value) - exact) <= 0.5)
    }
    #expect(values[16] == 0 && values[235] == 255)
    let full = Unpacker(format: .grey, width: 256, height: 1, bytesPerLine: 256, bits: 8)
    #expect(unpack(full, all).pixels == all.map(UInt16.init))
  }

  @Test("mosaics of all orders and depths have the numbers of the sensor")
  func mosaics() throws {
    for order in ["SBGGR", "SGBRG", "SGRBG", "SRGGB"] {
      for (suffix, bits) in [("8", 8), ("10", 10), ("12", 12), ("14", 14), ("16", 16)] {
        let format = try #require(PixelFormat(rawValue: order + suffix))
        #expect(format.content == .mosaic && format.tellsDepth == (bits < 16))
        let all = numbers(bits, width: 6, height: 2)
        let content = all.flatMap { bits == 8 ? [UInt8($0)] : [UInt8($0 & 255), UInt8($0 >> 8)] }
        let unpacker = Unpacker(
          format: format, width: 6, height: 2, bytesPerLine: bits == 8 ? 6 : 12, bits: bits)
        #expect(unpack(unpacker, content).pixels == all)
      }
      for (suffix, grey) in [("10P", PixelFormat.y10Packed), ("12P", .y12Packed), ("14P", .y14Packed)] {
        let format = try #require(PixelFormat(rawValue: order + suffix))
        #expect(format.packing == grey.packing && format.bits == grey.bits)
      }
    }
    // Numbers of the kernel's interface, written out: linux/videodev2.h.
    for (name, code) in [
      ("SBGGR8", 0x3138_4142), ("SGRBG10", 0x3031_4142), ("SRGGB12P", 0x4343_5270), ("Y10BPACK", 0x4230_3159),
      ("IPU3_Y10", 0x7933_7069), ("Y16_BE", 0xa036_3159), ("NV12", 0x3231_564e), ("GREY", 0x5945_5247),
      ("Y10P", 0x5030_3159), ("MJPEG", 0x4750_4a4d), ("SBGGR16", 0x3252_5942), ("Y012", 0x3231_3059),
    ] as [(String, UInt32)] { #expect(PixelFormat(rawValue: name)?.fourCC == code, "\(name)") }
    #expect(Set(PixelFormat.allCases.map(\.fourCC)).count == PixelFormat.allCases.count)
    #expect(Set(PixelFormat.allCases.map(\.rawValue)).count == PixelFormat.allCases.count)
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
