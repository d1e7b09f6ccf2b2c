import Arrays
import Devices
import Testing

@Suite("Pixels of a panel")
struct PanelPixelsTests {
  typealias Channel = PanelPixels.Channel

  struct Layout: Sendable, CustomTestStringConvertible {
    var name: String
    var bits: Int
    var red: Channel
    var green: Channel
    var blue: Channel
    var alpha = Channel(offset: 0, length: 0)
    var levels: Int
    var testDescription: String { name }

    static let all = [
      Layout(
        name: "XRGB8888", bits: 32, red: Channel(offset: 16, length: 8), green: Channel(offset: 8, length: 8),
        blue: Channel(offset: 0, length: 8), levels: 256),
      Layout(
        name: "RGBA8888", bits: 32, red: Channel(offset: 24, length: 8), green: Channel(offset: 16, length: 8),
        blue: Channel(offset: 8, length: 8), alpha: Channel(offset: 0, length: 8), levels: 256),
      Layout(
        name: "XRGB2101010", bits: 32, red: Channel(offset: 20, length: 10), green: Channel(offset: 10, length: 10),
        blue: Channel(offset: 0, length: 10), levels: 256),
      Layout(
        name: "BGR888", bits: 24, red: Channel(offset: 0, length: 8), green: Channel(offset: 8, length: 8),
        blue: Channel(offset: 16, length: 8), levels: 256),
      Layout(
        name: "RGB565", bits: 16, red: Channel(offset: 11, length: 5), green: Channel(offset: 5, length: 6),
        blue: Channel(offset: 0, length: 5), levels: 32),
      Layout(
        name: "ARGB1555", bits: 16, red: Channel(offset: 10, length: 5), green: Channel(offset: 5, length: 5),
        blue: Channel(offset: 0, length: 5), alpha: Channel(offset: 15, length: 1), levels: 32),
      Layout(
        name: "RGB332", bits: 8, red: Channel(offset: 5, length: 3), green: Channel(offset: 2, length: 3),
        blue: Channel(offset: 0, length: 2), levels: 4),
      Layout(
        name: "indexed", bits: 8, red: Channel(offset: 0, length: 8), green: Channel(offset: 0, length: 8),
        blue: Channel(offset: 0, length: 8), levels: 256),
    ]
  }

  @Test("over an earlier pattern, only the rows that differ are written, and the result is that of the whole")
  func difference() throws {
    let old = pattern(16, 6, levels: 256)
    var new = old
    new.levels[16 * 2 + 5] ^= 1
    new.levels[16 * 4] ^= 0x80
    let bytes = 16 * 4
    var whole = [UInt8](repeating: 0xEE, count: 6 * bytes)
    var partly = whole
    try whole.withUnsafeMutableBytes { PanelPixels.xrgb8888.pack(new, to: try #require($0.baseAddress), stride: bytes) }
    try partly.withUnsafeMutableBytes {
      PanelPixels.xrgb8888.pack(new, over: old, to: try #require($0.baseAddress), stride: bytes)
    }
    for row in 0..<6 {
      let range = row * bytes..<(row + 1) * bytes
      let expected = [2, 4].contains(row) ? Array(whole[range]) : [UInt8](repeating: 0xEE, count: bytes)
      #expect(Array(partly[range]) == expected)
    }
    // A pattern of another size is no help.
    var other = [UInt8](repeating: 0xEE, count: 6 * bytes)
    try other.withUnsafeMutableBytes {
      PanelPixels.xrgb8888.pack(
        new, over: Pattern(width: 16, height: 5), to: try #require($0.baseAddress), stride: bytes)
    }
    #expect(other == whole)
  }

  private func pattern(_ width: Int, _ height: Int, levels: Int) -> Pattern {
    var pattern = Pattern(width: width, height: height)
    var random = CounterRandom(seed: 7).generator()
    for index in pattern.levels.indices { pattern.levels[index] = UInt8(random.next() % UInt64(levels)) }
    return pattern
  }

  /// The bytes of a row bit by bit, from real-valued fractions of full scale.
  private func slowly(_ levels: ArraySlice<UInt8>, _ layout: Layout) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: levels.count * layout.bits / 8)
    func set(_ bit: Int) { bytes[bit / 8] |= 1 << UInt8(bit % 8) }
    for (x, level) in levels.enumerated() {
      for channel in [layout.red, layout.green, layout.blue] {
        var full = 0.0
        for _ in 0..<channel.length { full = 2 * full + 1 }
        let value = Int((Double(level) / Double(layout.levels - 1) * full).rounded())
        for bit in 0..<channel.length where value >> bit & 1 == 1 { set(x * layout.bits + channel.offset + bit) }
      }
      for bit in 0..<layout.alpha.length { set(x * layout.bits + layout.alpha.offset + bit) }
    }
    return bytes
  }

  @Test(
    "every layout has the bits that a slow formulation gives, and nothing outside of the rows is touched",
    arguments: Layout.all, [0, 3, 64])
  func packing(layout: Layout, padding: Int) throws {
    let pixels = try #require(
      PanelPixels(
        bitsPerPixel: layout.bits, red: layout.red, green: layout.green, blue: layout.blue, alpha: layout.alpha))
    #expect(pixels.greyLevels == layout.levels)
    let (width, height) = (53, 5)
    let pattern = pattern(width, height, levels: layout.levels)
    let stride = pixels.rowBytes(width: width) + padding
    var expected = [UInt8](repeating: 0xa5, count: 16 + stride * height)
    for y in 0..<height {
      let row = slowly(pattern.levels[y * width..<(y + 1) * width], layout)
      expected.replaceSubrange(y * stride..<y * stride + row.count, with: row)
    }
    var packed = [UInt8](repeating: 0xa5, count: 16 + stride * height)
    packed.withUnsafeMutableBytes { bytes in
      if let start = bytes.baseAddress { pixels.pack(pattern, to: start, stride: stride) }
    }
    #expect(packed == expected)
  }

  @Test("with fewer bits than eight, a level is the value of the narrowest channel, and no two are the same")
  func fewLevels() throws {
    let narrow = Channel(offset: 11, length: 5)
    let pixels = try #require(
      PanelPixels(
        bitsPerPixel: 16, red: narrow, green: Channel(offset: 5, length: 6), blue: Channel(offset: 0, length: 5)))
    var pattern = Pattern(width: 32, height: 1)
    for level in 0..<32 { pattern.levels[level] = UInt8(level) }
    var packed = [UInt16](repeating: 0, count: 32)
    packed.withUnsafeMutableBytes { bytes in
      if let start = bytes.baseAddress { pixels.pack(pattern, to: start, stride: bytes.count) }
    }
    #expect(packed.map { Int($0 >> 11) } == Array(0..<32))
    #expect(packed.map { Int($0 & 31) } == Array(0..<32))
    #expect(packed.first == 0 && packed.last == 0xffff)
  }

  @Test("the ready-made layouts are those that their names say")
  func readyMade() throws {
    let (x, g) = (Layout.all[0], Layout.all[7])
    for (made, layout) in [(PanelPixels.xrgb8888, x), (.grey8, g)] {
      #expect(
        made == PanelPixels(bitsPerPixel: layout.bits, red: layout.red, green: layout.green, blue: layout.blue))
    }
  }

  @Test(
    "a layout that cannot be written is refused",
    arguments: [
      (15, Channel(offset: 10, length: 5)), (32, Channel(offset: 0, length: 0)), (16, Channel(offset: 12, length: 5)),
      (32, Channel(offset: -1, length: 8)), (32, Channel(offset: 0, length: 17)), (0, Channel(offset: 0, length: 0)),
    ])
  func refused(bits: Int, channel: Channel) {
    #expect(PanelPixels(bitsPerPixel: bits, red: channel, green: channel, blue: channel) == nil)
  }
}
