/// Why encoded pixels are not an image.
package enum RunLengthError: Error, Equatable {
  /// The data end before the image does.
  case truncated(at: Int)
  /// More pixels than the row has room for.
  case rowTooLong(row: Int, at: Int)
  /// More rows than the image has.
  case tooManyRows(at: Int)
  /// The image ends with rows missing.
  case rowsMissing(found: Int)
  /// A copy from the line above in the first line.
  case nothingAbove(at: Int)
  /// Data after the end of the image.
  case excess(at: Int)
  /// The size of the image makes no sense.
  case invalidSize(width: Int, height: Int)
}

extension PatternImage {
  /// Decodes run-length encoded pixels, as the device does.
  /// - Throws: ``RunLengthError`` for whatever is not an image of this size.
  package init(decoding data: [UInt8], width: Int, height: Int, compression: Compression) throws {
    guard 1...0xFFFF ~= width, 1...0xFFFF ~= height else {
      throw RunLengthError.invalidSize(width: width, height: height)
    }
    var reader = RunLengthReader(data: data, width: width, height: height)
    switch compression {
    case .none: try reader.readUncompressed()
    case .rle: try reader.readRunLengths(enhanced: false)
    case .enhanced: try reader.readRunLengths(enhanced: true)
    }
    self.init(width: width, height: height, pixels: reader.pixels)
  }
}

private struct RunLengthReader {
  let data: [UInt8]
  let width: Int
  let height: Int
  var pixels: [UInt32]
  private var position = 0
  private var x = 0
  private var y = 0

  init(data: [UInt8], width: Int, height: Int) {
    self.data = data
    self.width = width
    self.height = height
    pixels = [UInt32](repeating: 0, count: width * height)
  }

  mutating func readUncompressed() throws {
    for index in pixels.indices { pixels[index] = try pixel() }
    guard position == data.count else { throw RunLengthError.excess(at: position) }
  }

  mutating func readRunLengths(enhanced: Bool) throws {
    while try readCode(enhanced: enhanced) {}
    let rows = x > 0 ? y + 1 : y
    guard rows == height else { throw RunLengthError.rowsMissing(found: rows) }
    guard position == data.count else { throw RunLengthError.excess(at: position) }
  }

  /// Reads one code; false at the end of the image.
  private mutating func readCode(enhanced: Bool) throws -> Bool {
    let start = position
    let first = try count(enhanced: enhanced)
    guard first == 0 else {
      let value = try pixel()
      try put(first, at: start) { _ in value }
      return true
    }
    let second = try count(enhanced: enhanced)
    if second == 0 {
      guard y < height else { throw RunLengthError.tooManyRows(at: start) }
      x = 0
      y += 1
    } else if second == 1 {
      let copied = enhanced ? try count(enhanced: true) : 0
      guard copied > 0 else { return false }
      try beginRow(at: start)
      guard y > 0 else { throw RunLengthError.nothingAbove(at: start) }
      try put(copied, at: start) { reader in reader.pixels[(reader.y - 1) * reader.width + reader.x] }
    } else {
      try put(second, at: start) { reader in try reader.pixel() }
    }
    return true
  }

  /// A full row is left only when more follows, so that an end of line after it ends that row and not the next.
  private mutating func beginRow(at start: Int) throws {
    if x == width {
      x = 0
      y += 1
    }
    guard y < height else { throw RunLengthError.tooManyRows(at: start) }
  }

  private mutating func put(_ count: Int, at start: Int, _ value: (inout RunLengthReader) throws -> UInt32) throws {
    try beginRow(at: start)
    guard count <= width - x else { throw RunLengthError.rowTooLong(row: y, at: start) }
    for _ in 0..<count {
      let next = try value(&self)
      pixels[y * width + x] = next
      x += 1
    }
  }

  private mutating func byte() throws -> UInt8 {
    guard position < data.count else { throw RunLengthError.truncated(at: position) }
    defer { position += 1 }
    return data[position]
  }

  private mutating func count(enhanced: Bool) throws -> Int {
    let first = Int(try byte())
    guard enhanced, first >= 0x80 else { return first }
    return first & 0x7F | Int(try byte()) << 7
  }

  private mutating func pixel() throws -> UInt32 {
    let high = UInt32(try byte())
    let middle = UInt32(try byte())
    return high << 16 | middle << 8 | UInt32(try byte())
  }
}
