/// Greyscale images in Windows bitmap files of 8 bits without compression, as vendors of panels give correction maps.
public enum BMP {
  private static let headers = (file: 14, image: 40)
  private static let colours = 256

  /// The pixels from the top left on; a palette that is grey is applied.
  ///
  /// - Parameter limit: the most pixels the image may have.
  /// - Throws: ``FilesError/malformed(file:place:expected:)`` for any other image.
  public static func decode(
    gray8 bytes: [UInt8], source: String, limit: Int = 1 << 28
  ) throws -> (pixels: [UInt8], width: Int, height: Int) {
    func fail(_ place: String, _ expected: String) -> FilesError {
      .malformed(file: source, place: place, expected: expected)
    }
    func number(_ place: Int, _ length: Int) -> Int {
      (0..<length).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    guard bytes.count >= headers.file + headers.image, bytes.starts(with: Array("BM".utf8)) else {
      throw fail("byte 0", "a BMP file")
    }
    let (start, size) = (number(10, 4), number(14, 4))
    // A negative height means that the first row is the top one.
    let (width, rows) = (number(18, 4), Int(Int32(truncatingIfNeeded: number(22, 4))))
    let height = abs(rows)
    guard size >= headers.image, number(28, 2) == 8, number(30, 4) == 0 else {
      throw fail("byte 28", "8 bits for each pixel without compression, found \(number(28, 2)) bits")
    }
    guard (1...1 << 15).contains(width), (1...1 << 15).contains(height), width * height <= limit else {
      throw fail("byte 18", "at most 32768 × 32768 and \(limit) pixels, found \(width) × \(height)")
    }
    let used = number(46, 4) == 0 ? colours : number(46, 4)
    let (palette, length) = (headers.file + size, (width + 3) / 4 * 4)
    guard used <= colours, palette + 4 * used <= bytes.count, start >= palette + 4 * used,
      start <= bytes.count, bytes.count - start >= length * height
    else { throw fail("byte \(bytes.count)", "a palette and \(height) whole rows of \(length) bytes") }
    var greys: [UInt8] = []
    for colour in 0..<used {
      let place = palette + 4 * colour
      guard bytes[place] == bytes[place + 1], bytes[place] == bytes[place + 2] else {
        throw fail("byte \(place)", "a grey palette")
      }
      greys.append(bytes[place])
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height)
    for y in 0..<height {
      let row = start + (rows < 0 ? y : height - 1 - y) * length
      for place in row..<row + width {
        guard Int(bytes[place]) < used else { throw fail("byte \(place)", "one of \(used) colours") }
        pixels.append(greys[Int(bytes[place])])
      }
    }
    return (pixels, width, height)
  }

  /// - Precondition: there are `width`·`height` pixels.
  public static func encode(gray8 pixels: [UInt8], width: Int, height: Int) -> [UInt8] {
    precondition(pixels.count == width * height, "an image needs width·height pixels")
    func bytes(_ number: Int, _ length: Int) -> [UInt8] {
      (0..<length).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let (start, length) = (headers.file + headers.image + 4 * colours, (width + 3) / 4 * 4)
    var file = Array("BM".utf8) + bytes(start + length * height, 4) + bytes(0, 4) + bytes(start, 4)
    file += bytes(headers.image, 4) + bytes(width, 4) + bytes(height, 4) + bytes(1, 2) + bytes(8, 2) + bytes(0, 24)
    for grey in 0..<colours { file += [UInt8(grey), UInt8(grey), UInt8(grey), 0] }
    for y in (0..<height).reversed() {
      file += pixels[y * width..<(y + 1) * width] + [UInt8](repeating: 0, count: length - width)
    }
    return file
  }
}
