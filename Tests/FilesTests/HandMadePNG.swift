/// A greyscale PNG made by the letter of the specifications (PNG, RFC 1950, RFC 1951), without libpng and zlib: its data are
/// stored, not compressed.
enum HandMadePNG {
  /// - Parameter part: bytes in each IDAT chunk.
  static func bytes(_ pixels: [UInt8], width: Int, height: Int, part: Int = 1 << 16) -> [UInt8] {
    var lines: [UInt8] = []
    lines.reserveCapacity(height * (width + 1))
    for y in 0..<height {
      lines.append(0)
      lines += pixels[(y * width)..<((y + 1) * width)]
    }
    let data = stored(lines)
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    file += chunk("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 0, 0, 0, 0])
    for start in stride(from: 0, to: data.count, by: part) {
      file += chunk("IDAT", Array(data[start..<min(start + part, data.count)]))
    }
    return file + chunk("IEND", [])
  }

  private static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: bytes.count, by: 65535) {
      let end = min(start + 65535, bytes.count)
      let length = UInt16(end - start)
      stream += [end == bytes.count ? 1 : 0, UInt8(length & 255), UInt8(length >> 8)]
      stream += [UInt8(~length & 255), UInt8(~length >> 8)]
      stream += bytes[start..<end]
    }
    return stream + bigEndian(adler(bytes))
  }

  private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let checked = Array(type.utf8) + content
    return bigEndian(UInt32(content.count)) + checked + bigEndian(~checked.reduce(~0, next))
  }

  private static func adler(_ bytes: [UInt8]) -> UInt32 {
    var (first, second): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      first = (first + UInt32(byte)) % 65521
      second = (second + first) % 65521
    }
    return second << 16 | first
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { code, _ in code & 1 == 0 ? code >> 1 : 0xEDB8_8320 ^ code >> 1 }
  }

  private static func next(_ code: UInt32, _ byte: UInt8) -> UInt32 {
    table[Int((code ^ UInt32(byte)) & 255)] ^ code >> 8
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
  }
}
