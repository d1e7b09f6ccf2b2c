import Arrays
import DLPC900
import Devices
import Testing

/// Images of the kinds that an encoder can trip over.
private enum Picture: CaseIterable, CustomTestStringConvertible {
  case noise, binaryNoise, runs, columns, rows, checkerboard, diagonals, blocks, constant, almostConstant

  var testDescription: String { "\(self)" }

  func image(width: Int, height: Int, seed: UInt64) -> PatternImage {
    let random = CounterRandom(seed: seed)
    func colour(_ position: Int) -> UInt32 { UInt32(truncatingIfNeeded: random.bits(at: UInt64(position))) & 0xFF_FFFF }
    let run = random.integer(below: 40, at: 1 << 40) + 1
    var pixels = [UInt32](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        pixels[y * width + x] =
          switch self {
          case .noise: colour(y * width + x)
          case .binaryNoise: colour(y * width + x) & 1
          case .runs: colour((y * width + x) / run)
          case .columns: colour(x / run)
          case .rows: colour(y)
          case .checkerboard: (x + y) % 2 == 0 ? 0 : 0xFF_FFFF
          case .diagonals: (x + y) % run == 0 ? 1 : 0
          case .blocks: colour(y / run * 1000 + x / run)
          case .constant: colour(0)
          case .almostConstant: random.integer(below: 50, at: UInt64(y * width + x)) == 0 ? 0x800000 : 0x000001
          }
      }
    }
    return PatternImage(width: width, height: height, pixels: pixels)
  }
}

@Suite struct RunLengthTests {
  private static let sizes = [
    (1, 1), (1, 7), (2, 2), (3, 1), (5, 4), (127, 3), (128, 3), (129, 3), (255, 2), (256, 2), (257, 3), (600, 5),
  ]

  private func check(_ image: PatternImage) throws {
    let size = (image.width, image.height)
    for (data, compression) in [
      (image.runLengthEncoded(), Compression.rle),
      (image.enhancedRunLengthEncoded(copiesPreviousLine: true), .enhanced),
      (image.enhancedRunLengthEncoded(copiesPreviousLine: false), .enhanced),
    ] {
      let decoded = try PatternImage(decoding: data, width: size.0, height: size.1, compression: compression)
      #expect(decoded == image, "\(compression), \(size)")
      // A list costs at most its control bytes, which are at most three for each of its parts.
      let parts = image.height * (image.width / 255 + 1)
      #expect(data.count <= 3 * image.pixels.count + 3 * parts + 3)
    }
  }

  @Test("decoding gives back what was encoded", arguments: Picture.allCases)
  fileprivate func roundTrip(_ picture: Picture) throws {
    for (index, size) in Self.sizes.enumerated() {
      for seed in 0..<4 { try check(picture.image(width: size.0, height: size.1, seed: UInt64(index * 10 + seed))) }
    }
  }

  @Test("images of the size of a panel come back", arguments: [Picture.noise, .blocks, .checkerboard, .almostConstant])
  fileprivate func fullSize(_ picture: Picture) throws { try check(picture.image(width: 1920, height: 1080, seed: 3)) }

  @Test("without copies no code refers to the line above")
  func noCopies() {
    let image = Picture.constant.image(width: 100, height: 50, seed: 1)
    let with = image.enhancedRunLengthEncoded(copiesPreviousLine: true)
    let without = image.enhancedRunLengthEncoded(copiesPreviousLine: false)
    // One run of 4 bytes for each row, and the end.
    #expect(without.count == 50 * 4 + 3)
    #expect(with.count == 4 + 49 * 3 + 3)
  }

  @Test("a white pattern is encoded byte for byte as TI's program sends it")
  func capture() throws {
    // The first report of image data that a bus analyser saw when TI's program loaded a pattern that is white at bit 0;
    // byte 24 of the header is 0 there, and 1 in the capture of E2E thread 599044.
    let white = Pattern(width: 1920, height: 1080, level: 1)
    let image = PatternImage(packing: [white], bitDepth: 1, columns: 0..<1920)
    let encoded = image.encoded(.enhanced)
    let captured: [UInt8] = [
      0x53, 0x70, 0x6C, 0x64, 0x80, 0x07, 0x38, 0x04, 0xE4, 0x10, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
      0, 0, 0, 0, 0, 2, 1,
    ]
    #expect(encoded.prefix(24) == captured.prefix(24))
    #expect(encoded[25...26] == captured[25...26])
    #expect(encoded[48..<56] == [0x80, 0x0F, 0x00, 0x00, 0x01, 0x00, 0x01, 0x80])
    #expect(encoded.count == 48 + 0x10E4)
  }

  @Test("the header is that of the capture in E2E thread 599044")
  func header() {
    let header = ImageHeader(width: 1920, height: 1080, dataSize: 0x10F0, compression: .enhanced).bytes
    let captured: [UInt8] = [
      0x53, 0x70, 0x6C, 0x64, 0x80, 0x07, 0x38, 0x04, 0xF0, 0x10, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
      0, 0, 0, 0, 1, 2, 1, 0, 0, 1, 0,
    ]
    #expect(header.count == 48)
    #expect(header.prefix(captured.count) == captured[...])
    #expect(header.dropFirst(captured.count).allSatisfy { $0 == 0 })
  }

  @Test("TI's example of run-length encoding is decoded as TI says")
  func example() throws {
    // DLPU018J, table 2-113.
    let data: [UInt8] =
      [0x03, 4, 5, 6, 0x05, 0x77, 0x77, 0x77, 0x00, 0x03, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x02, 0x78, 0x9A, 0xBC, 0, 0]
      + [0x07, 0x1D, 0x1E, 0x1F, 0x06, 0x21, 0x22, 0x23, 0, 1]
    let image = try PatternImage(decoding: data, width: 16, height: 2, compression: .rle)
    let first: [UInt32] =
      [0x040506, 0x040506, 0x040506] + [UInt32](repeating: 0x777777, count: 5)
      + [0x040506, 0x070809, 0x0A0B0C, 0x789ABC, 0x789ABC, 0, 0, 0]
    let second = [UInt32](repeating: 0x1D1E1F, count: 7) + [UInt32](repeating: 0x212223, count: 6) + [0, 0, 0]
    #expect(image.pixels == first + second)
  }

  @Test("TI's example of enhanced run-length encoding is decoded by TI's rule for counts")
  func enhancedExample() throws {
    // DLPU018J, table 2-116. Its text calls 82 01 a count of 513; by its own rule and in captures it is 130.
    let data: [UInt8] =
      [0x03, 4, 5, 6, 0x05, 0x77, 0x77, 0x77, 0x00, 0x03, 4, 5, 6, 7, 8, 9, 10, 11, 12]
      + [0x82, 0x01, 0x78, 0x9A, 0xBC, 0, 0, 0x01, 1, 2, 3, 0x00, 0x01, 0x09, 0x00, 0x01, 0x00]
    let image = try PatternImage(decoding: data, width: 145, height: 2, compression: .enhanced)
    let row = image.pixels[145...]
    #expect(image.pixels[11..<141].allSatisfy { $0 == 0x789ABC })
    #expect(image.pixels[141..<145].allSatisfy { $0 == 0 })
    #expect(
      row.prefix(10)
        == [0x010203, 0x040506, 0x040506, 0x777777, 0x777777, 0x777777, 0x777777, 0x777777, 0x040506, 0x070809])
  }

  @Test("an end of line after a full row ends that row only")
  func endOfFullRow() throws {
    let data: [UInt8] = [2, 0, 0, 1, 0, 0, 2, 0, 0, 2, 0, 0, 0, 1]
    #expect(try PatternImage(decoding: data, width: 2, height: 2, compression: .rle).pixels == [1, 1, 2, 2])
  }

  @Test("what is no image of the size is refused with its place")
  func malformed() {
    func error(_ data: [UInt8], _ compression: Compression = .enhanced, width: Int = 4, height: Int = 2)
      -> RunLengthError?
    {
      do {
        _ = try PatternImage(decoding: data, width: width, height: height, compression: compression)
        return nil
      } catch { return error as? RunLengthError }
    }
    let row: [UInt8] = [4, 1, 2, 3]
    #expect(error(row + row + [0, 1, 0]) == nil)
    #expect(error([]) == .truncated(at: 0))
    #expect(error(row + row) == .truncated(at: 8))
    #expect(error(row + [4, 1, 2]) == .truncated(at: 7))
    #expect(error(row + [0, 1, 0]) == .rowsMissing(found: 1))
    #expect(error([5, 1, 2, 3]) == .rowTooLong(row: 0, at: 0))
    #expect(error([0, 1, 4]) == .nothingAbove(at: 0))
    #expect(error(row + [0, 1, 5]) == .rowTooLong(row: 1, at: 4))
    #expect(error(row + row + row) == .tooManyRows(at: 8))
    #expect(error([0, 0, 0, 0, 0, 0]) == .tooManyRows(at: 4))
    #expect(error(row + row + [0, 1, 0, 7]) == .excess(at: 11))
    #expect(error([0x80], width: 200) == .truncated(at: 1))
    #expect(error([UInt8](repeating: 0, count: 25), .none) == .excess(at: 24))
    #expect(error([UInt8](repeating: 0, count: 23), .none) == .truncated(at: 23))
    #expect(error([0, 1], .rle, width: 0) == .invalidSize(width: 0, height: 2))
  }

  @Test("random and damaged data never get past the decoder as more than an image")
  func fuzz() {
    let random = CounterRandom(seed: 7)
    let image = Picture.blocks.image(width: 40, height: 12, seed: 5)
    let encoded = [image.runLengthEncoded(), image.enhancedRunLengthEncoded(copiesPreviousLine: true)]
    var refused = 0
    for round in 0..<8000 {
      let stream = random.child(UInt64(round))
      func byte(_ position: Int) -> UInt8 { UInt8(truncatingIfNeeded: stream.bits(at: UInt64(position))) }
      var data = encoded[round % 2]
      if round % 4 < 2 {
        for index in 0..<3 { data[stream.integer(below: data.count, at: UInt64(index))] = byte(index + 10) }
      } else {
        // Small numbers make more codes than large ones.
        data = (0..<stream.integer(below: 200, at: 0)).map { byte($0 + 1) >> UInt8(round % 8) }
      }
      let decoded = try? PatternImage(
        decoding: data, width: 40, height: 12, compression: round % 2 == 0 ? .rle : .enhanced)
      if let decoded, decoded.pixels.count != 480 { Issue.record("\(decoded.pixels.count) pixels") }
      if decoded == nil { refused += 1 }
    }
    #expect(refused > 4000)
  }

  @Test("an image of 20×20 blocks of 13 pixels has the size that the reference computes")
  func throughput() {
    let random = CounterRandom(seed: 11)
    let patterns = (0..<24).map { plane in
      var pattern = Pattern(width: 1920, height: 1080)
      for y in 0..<260 {
        for x in 0..<260 {
          let bit = random.child(UInt64(plane)).bits(at: UInt64(y / 13 * 20 + x / 13)) & 1
          pattern.levels[(y + 400) * 1920 + x + 800] = UInt8(bit)
        }
      }
      return pattern
    }
    let image = PatternImage(packing: patterns[...], bitDepth: 1, columns: 0..<1920)
    // 6 kB, or 0.1 s at 64 kB/s, for all 24 patterns.
    #expect(image.encoded(.enhanced).count <= 6200)
    #expect(image.encoded(.enhanced).count > 4300)
    #expect(image.encoded(.enhanced, copiesPreviousLine: false).count < 32_000)
  }
}

@Suite struct PatternImageTests {
  @Test("binary patterns lie at their bits, grey ones at their bytes, the highest bits first on the wire")
  func packing() {
    let random = CounterRandom(seed: 2)
    for (bitDepth, count) in [(1, 24), (1, 5), (8, 3), (8, 1)] {
      let patterns = (0..<count).map { index in
        var pattern = Pattern(width: 10, height: 3)
        for place in pattern.levels.indices {
          pattern.levels[place] =
            UInt8(truncatingIfNeeded: random.child(UInt64(index)).bits(at: UInt64(place)))
            & (bitDepth == 1 ? 1 : 0xFF)
        }
        return pattern
      }
      let image = PatternImage(packing: patterns[...], bitDepth: bitDepth, columns: 4..<10)
      #expect(image.width == 6 && image.height == 3)
      for y in 0..<3 {
        for x in 0..<6 {
          for (index, pattern) in patterns.enumerated() {
            let level = image.pixels[y * 6 + x] >> UInt32(index * bitDepth) & (1 << UInt32(bitDepth) - 1)
            #expect(level == UInt32(pattern.levels[y * 10 + x + 4]))
          }
        }
      }
    }
    let pixel = PatternImage(width: 1, height: 1, pixels: [0x112233])
    #expect(pixel.encoded(.none).suffix(3) == [0x11, 0x22, 0x33])
    #expect(pixel.encoded(.none).count == 51)
  }
}
