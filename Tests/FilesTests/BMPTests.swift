import Files
import Testing

/// Protects correction maps of vendors, which come as bitmaps: a file is put together here by hand, as the format has it.
@Suite struct BMPTests {
  /// 3 × 2 pixels in rows of 4 bytes, the bottom row first, with a palette of `colours` greys.
  private static func file(
    top: Bool = false, colours: Int = 256, bits: Int = 8,
    palette: (Int) -> [UInt8] = { [UInt8($0), UInt8($0), UInt8($0), 0] }
  ) -> [UInt8] {
    func bytes(_ number: Int, _ length: Int) -> [UInt8] {
      (0..<length).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let start = 54 + 4 * colours
    let head = bytes(0x4D42, 2) + bytes(start + 8, 4) + bytes(0, 4) + bytes(start, 4)
    let image =
      bytes(40, 4) + bytes(3, 4) + bytes(top ? -2 : 2, 4) + bytes(1, 2) + bytes(bits, 2) + bytes(0, 16)
      + bytes(colours == 256 ? 0 : colours, 4) + bytes(0, 4)
    let rows: [[UInt8]] = [[1, 2, 3, 0], [4, 5, 6, 0]]
    return head + image + (0..<colours).flatMap(palette) + (top ? rows : rows.reversed()).joined()
  }

  @Test("rows are read from the top, whichever way the file has them; a grey palette is applied")
  func read() throws {
    for top in [false, true] {
      let image = try BMP.decode(gray8: Self.file(top: top), source: "map")
      #expect(image.pixels == [1, 2, 3, 4, 5, 6] && image.width == 3 && image.height == 2)
    }
    let short = Self.file(colours: 7, palette: { [UInt8(10 * $0), UInt8(10 * $0), UInt8(10 * $0), 0] })
    #expect(try BMP.decode(gray8: short, source: "map").pixels == [10, 20, 30, 40, 50, 60])
  }

  @Test("it is written as it is read")
  func write() throws {
    #expect(BMP.encode(gray8: [1, 2, 3, 4, 5, 6], width: 3, height: 2) == Self.file())
  }

  @Test("what is no grey bitmap of 8 bits is refused, and no cut file is read beyond its end")
  func refused() {
    let whole = Self.file()
    #expect(throws: FilesError.self) { try BMP.decode(gray8: Self.file(bits: 24), source: "map") }
    #expect(throws: FilesError.self) { try BMP.decode(gray8: Self.file(colours: 5), source: "map") }
    #expect(throws: FilesError.self) {
      try BMP.decode(gray8: Self.file(palette: { [UInt8($0), 0, 0, 0] }), source: "map")
    }
    for count in [0, 1, 13, 53, 54, 300, whole.count - 1] {
      #expect(throws: FilesError.self) { try BMP.decode(gray8: Array(whole[..<count]), source: "map") }
    }
  }
}
