import Arrays
import Files
import Testing

@Suite struct ImageFileTests {
  @Test("8-bit greyscale comes back bit for bit, with and without a gamma chunk")
  func grayRoundTrip() throws {
    let pixels = (0..<256).map { UInt8($0) }
    let bytes = try PNG.encode(gray8: pixels, width: 64, height: 4)
    let back = try PNG.decode(gray8: bytes, source: "F.png")
    #expect(back.pixels == pixels)
    #expect((back.width, back.height) == (64, 4))
    // gAMA of 1.0, which a viewer would apply, with its checksum from the PNG specification's CRC.
    let gamma: [UInt8] = [0, 0, 0, 4, 0x67, 0x41, 0x4D, 0x41, 0, 1, 0x86, 0xA0, 0x31, 0xE8, 0x96, 0x5F]
    #expect(try PNG.decode(gray8: Array(bytes[..<33]) + gamma + Array(bytes[33...]), source: "F.png").pixels == pixels)
  }

  /// Protects against memory that is read after it was given back: sizes below and above what an allocator returns to the
  /// system at once, one of them above 4 MiB, random pixels, and several readers at a time.
  @Test(
    "random pixels of a PNG made without libpng come back, time after time",
    arguments: [(1, 1), (7, 3), (220, 110), (640, 480), (1920, 1080), (2560, 1700)])
  func independentFile(width: Int, height: Int) async throws {
    let random = CounterRandom(seed: UInt64(width))
    let pixels = (0..<width * height).map { UInt8(truncatingIfNeeded: random.bits(at: UInt64($0 / 4)) >> ($0 % 4 * 8)) }
    let file = HandMadePNG.bytes(pixels, width: width, height: height)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<(width < 500 ? 100 : 6) {
        group.addTask {
          let back = try PNG.decode(gray8: file, source: "F.png")
          #expect((back.width, back.height) == (width, height))
          #expect(back.pixels == pixels)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("a small file that announces more pixels than allowed is refused before memory is taken for them")
  func pixelLimit() {
    let file = HandMadePNG.bytes([UInt8](repeating: 9, count: 100), width: 10, height: 10)
    #expect(throws: FilesError.self) { try PNG.decode(gray8: file, source: "F.png", limit: 99) }
    #expect(throws: Never.self) { try PNG.decode(gray8: file, source: "F.png", limit: 100) }
  }

  @Test("colour and 16-bit images have the header that the format asks for")
  func headers() throws {
    let colour = try PNG.encode(rgb8: [UInt8](repeating: 7, count: 12), width: 2, height: 2)
    #expect(Array(colour[16..<26]) == [0, 0, 0, 2, 0, 0, 0, 2, 8, 2])
    let deep = try PNG.encode(gray16: [1, 65535], width: 1, height: 2)
    #expect(Array(deep[16..<26]) == [0, 0, 0, 1, 0, 0, 0, 2, 16, 0])
    #expect(throws: FilesError.self) { try PNG.decode(gray8: colour, source: "F.png") }
    #expect(throws: FilesError.self) { try PNG.decode(gray8: deep, source: "F.png") }
  }

  @Test(
    "16-bit greyscale of fewer bits is scaled to white and says how many there were, as an independent reader finds",
    arguments: [1, 5, 8, 10, 12, 14, 16])
  func significantBits(bits: Int) throws {
    let largest = 1 << bits - 1
    let values = [0, 1, largest / 3, largest - 1, largest].map { UInt16(max(0, $0)) }
    let bytes = try PNG.encode(gray16: values, width: values.count, height: 1, significantBits: bits)
    let read = try PythonPNG.read(bytes)
    #expect(read["depth"] as? Int == 16 && read["colour"] as? Int == 0)
    #expect(read["significant"] as? [Int] == [bits])
    let samples = try #require(read["samples"] as? [Int])
    #expect(samples.first == 0 && samples.last == 65535)
    // A shift gives the value back, and no sample is off the straight line by more than the repetition of its bits.
    #expect(samples.map { $0 >> (16 - bits) } == values.map(Int.init))
    for (sample, value) in zip(samples, values) {
      #expect(abs(Double(sample) - Double(value) * 65535 / Double(largest)) < 65535 / Double(largest + 1) + 1)
    }
  }

  @Test("a cut or damaged PNG is refused")
  func damagedPNG() throws {
    let whole = try PNG.encode(gray8: (0..<200).map { UInt8($0) }, width: 20, height: 10)
    for length in 0..<whole.count {
      #expect(throws: FilesError.self) { try PNG.decode(gray8: Array(whole[..<length]), source: "F.png") }
    }
    var damaged = whole
    damaged[whole.count - 20] ^= 0xFF
    #expect(throws: FilesError.self) { try PNG.decode(gray8: damaged, source: "F.png") }
  }

  @Test("a grid places, scales and clips its images")
  func grid() {
    let images = Stack<Float>(count: 3, height: 1, width: 1, values: [0.5, 7, .nan])
    let grid = ImageGrid(images, columns: 2, scale: 2, gap: 1)
    #expect((grid.width, grid.height) == (7, 7))
    #expect([grid.pixels[8], grid.pixels[16]] == [128, 128])
    #expect(grid.pixels[7 + 4] == 255)
    #expect(grid.pixels[4 * 7 + 1] == 0)
    #expect(grid.pixels[0] == 96)
  }

  /// `gzip` of "hello hello hello ".
  static let hello: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 64, 34, 1,
    237, 181, 49, 4, 18, 0, 0, 0,
  ]

  @Test("gzip content is inflated, of one member and of two")
  func gzip() throws {
    let text = Array("hello hello hello ".utf8)
    #expect(Gzip.isGzip(Self.hello))
    #expect(try Gzip.inflate(Self.hello, source: "F.gz") == text)
    #expect(try Gzip.inflate(Self.hello + Self.hello, source: "F.gz") == text + text)
  }

  @Test("damaged, cut, followed and too large gzip content is refused")
  func gzipRefusals() {
    for length in 0..<Self.hello.count {
      #expect(throws: FilesError.self) { try Gzip.inflate(Array(Self.hello[..<length]), source: "F.gz") }
    }
    var damaged = Self.hello
    damaged[damaged.count - 6] ^= 1
    #expect(throws: FilesError.self) { try Gzip.inflate(damaged, source: "F.gz") }
    #expect(throws: FilesError.self) { try Gzip.inflate(Self.hello + [0], source: "F.gz") }
    #expect(throws: FilesError.self) { try Gzip.inflate(Self.hello, source: "F.gz", limit: 17) }
  }
}
