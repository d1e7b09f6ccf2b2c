import Devices
import Testing
import V4L2

@Suite("Compressed pictures")
struct PictureTests {
  /// 16×16 pixels, the left half grey 40 and the right half grey 200, by libjpeg in YCbCr.
  private let picture = bytes(
    """
    ffd8ffe000104a46494600010100000100010000ffdb004300100b0c0e0c0a100e0d0e1211101318281a181616183123251d\
    283a333d3c3933383740485c4e404457453738506d51575f626768673e4d71797064785c656763ffdb004301111212181518\
    2f1a1a2f63423842636363636363636363636363636363636363636363636363636363636363636363636363636363636363\
    6363636363636363ffc00011080010001003012200021101031101ffc4001500010100000000000000000000000000000706\
    ffc40014100100000000000000000000000000000000ffc40014010100000000000000000000000000000000ffc400141101\
    00000000000000000000000000000000ffda000c03010002110311003f0093280bca00ffd9
    """)

  private static func bytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap { UInt8(String($0), radix: 16) }
    return stride(from: 0, to: digits.count, by: 2).map { 16 * digits[$0] + digits[$0 + 1] }
  }

  private func decode(_ bytes: [UInt8], width: Int = 16) -> (pixels: [UInt16], flags: Frame.Flags) {
    let decoder = PictureDecoder(width: width, height: 16)
    return bytes.withUnsafeBytes(decoder.pixels)
  }

  @Test("a picture becomes its luma, with or without zeros behind it")
  func luma() {
    for padding in [0, 1, 100] {
      let (pixels, flags) = decode(picture + [UInt8](repeating: 0, count: padding))
      #expect(flags.isEmpty)
      for (index, pixel) in pixels.enumerated() {
        #expect(abs(Int(pixel) - (index % 16 < 8 ? 40 : 200)) <= 3)
      }
    }
  }

  @Test("a picture that was cut off anywhere is incomplete, and black")
  func cut() {
    for count in 0..<picture.count {
      let (pixels, flags) = decode(Array(picture[..<count]))
      #expect(!flags.isEmpty)
      #expect(pixels == [UInt16](repeating: 0, count: 256))
    }
  }

  @Test("a picture of another size, and what is none, are errors")
  func wrong() {
    #expect(decode(picture, width: 32).flags == .error)
    #expect(decode([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]).flags == .error)
    // Luma three times as high as chroma, for which libv4lconvert has a decoder that overruns its buffers.
    let sampling = picture.indices.first { picture[$0...].starts(with: [1, 0x22, 0, 2]) }
    var unusual = picture
    unusual[(sampling ?? 0) + 1] = 0x23
    #expect(sampling != nil && decode(unusual).flags == .error)
  }

  @Test("a damaged picture is delivered or refused, and the next one is decoded as ever")
  func damage() {
    let decoder = PictureDecoder(width: 16, height: 16)
    let good = picture.withUnsafeBytes(decoder.pixels).pixels
    for position in 2..<(picture.count - 2) {
      for bit in 0..<8 {
        var damaged = picture
        damaged[position] ^= 1 << UInt8(bit)
        let (pixels, flags) = damaged.withUnsafeBytes(decoder.pixels)
        #expect(pixels.count == 256 && (flags.isEmpty || flags == .error))
      }
    }
    #expect(picture.withUnsafeBytes(decoder.pixels).pixels == good)
  }
}
