import Devices

/// An image of 24 bits per pixel, in which up to 24 binary patterns or up to 3 grey ones share the bits.
package struct PatternImage: Equatable {
  /// Bits of a pixel.
  package static let bitCount = 24

  package let width: Int
  package let height: Int
  /// Row-major from the top left; the pattern at bit position `p` has the bits from `p` on.
  package var pixels: [UInt32]

  package init(width: Int, height: Int, pixels: [UInt32]) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Packs columns of patterns of the same size.
  /// - Parameters:
  ///   - patterns: at most `24 / bitDepth`; the first gets the lowest bits.
  ///   - bitDepth: bits of a level, 1 or 8; the lowest ones of each level are taken.
  ///   - columns: the part of each row that is packed.
  package init(packing patterns: ArraySlice<Pattern>, bitDepth: Int, columns: Range<Int>) {
    width = columns.count
    height = patterns.first?.height ?? 0
    let width = width
    let height = height
    let stride = patterns.first?.width ?? 0
    let mask = UInt32(1) << UInt32(bitDepth) - 1
    pixels = [UInt32](repeating: 0, count: width * height)
    pixels.withUnsafeMutableBufferPointer { pixels in
      for (position, pattern) in patterns.enumerated() {
        let shift = UInt32(position * bitDepth)
        pattern.levels.withUnsafeBufferPointer { levels in
          for y in 0..<height {
            let source = y * stride + columns.lowerBound
            let target = y * width
            for x in 0..<width { pixels[target + x] |= (UInt32(levels[source + x]) & mask) << shift }
          }
        }
      }
    }
  }

  /// The image as it is sent: header and encoded pixels.
  package func encoded(_ compression: Compression, copiesPreviousLine: Bool = true) -> [UInt8] {
    var data: [UInt8] =
      switch compression {
      case .none: uncompressed()
      case .rle: runLengthEncoded()
      case .enhanced: enhancedRunLengthEncoded(copiesPreviousLine: copiesPreviousLine)
      }
    let header = ImageHeader(width: width, height: height, dataSize: data.count, compression: compression)
    data.insert(contentsOf: header.bytes, at: 0)
    return data
  }

  private func uncompressed() -> [UInt8] {
    var data: [UInt8] = []
    data.reserveCapacity(3 * pixels.count)
    for pixel in pixels { data.append(pixel: pixel) }
    return data
  }
}

/// How an image is compressed; the values are those of its header.
package enum Compression: String, CaseIterable, Sendable {
  case none
  case rle
  case enhanced

  package var code: UInt8 {
    switch self {
    case .none: 0
    case .rle: 1
    case .enhanced: 2
    }
  }
}

/// The 48 bytes before the pixels of an image.
///
/// Source: TI DLPU018J, section 2.4.2; bytes 24 and 29, which it reserves, are as TI's own program sends them.
package struct ImageHeader: Equatable {
  package static let size = 48

  package var width: Int
  package var height: Int
  /// Bytes of the encoded pixels.
  package var dataSize: Int
  package var compression: Compression

  package init(width: Int, height: Int, dataSize: Int, compression: Compression) {
    self.width = width
    self.height = height
    self.dataSize = dataSize
    self.compression = compression
  }

  package var bytes: [UInt8] {
    let background: [UInt8] = [0, 0, 0, 0]
    let format: [UInt8] = [1, compression.code, 1, 0, 0, 1]
    return Array("Spld".utf8) + littleEndian(UInt16(truncatingIfNeeded: width))
      + littleEndian(UInt16(truncatingIfNeeded: height)) + littleEndian(UInt32(truncatingIfNeeded: dataSize))
      + [UInt8](repeating: 0xFF, count: 8) + background + format + [UInt8](repeating: 0, count: 18)
  }
}

extension [UInt8] {
  /// Appends a pixel in the order of the wire, the highest bits first.
  package mutating func append(pixel: UInt32) {
    append(UInt8(truncatingIfNeeded: pixel >> 16))
    append(UInt8(truncatingIfNeeded: pixel >> 8))
    append(UInt8(truncatingIfNeeded: pixel))
  }
}
