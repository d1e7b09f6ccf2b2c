import Devices

/// Takes the sensor's numbers out of what a buffer holds.
package struct Unpacker: Sendable {
  /// On which side of a 16-bit word the bits of the sensor lie.
  package enum Justification: String, CaseIterable, Sendable { case left, right }

  package let format: PixelFormat
  package let width: Int
  package let height: Int
  /// Bytes from one row to the next.
  package let bytesPerLine: Int
  package let bits: Int
  package let justified: Justification
  /// The value of each byte of a luma that goes from 16 to 235; empty when it goes from 0 to 255.
  private let expanded: [UInt16]

  /// Whether luma 16 is black and 235 white.
  var isLimited: Bool { !expanded.isEmpty }

  /// - Parameter isLimited: luma 16 is black and 235 white, and others are put in proportion.
  package init(
    format: PixelFormat, width: Int, height: Int, bytesPerLine: Int, bits: Int, justified: Justification = .right,
    isLimited: Bool = false
  ) {
    self.format = format
    self.width = width
    self.height = height
    self.bytesPerLine = bytesPerLine
    self.bits = bits
    self.justified = format.packing == .leftWords ? .left : justified
    // Rounded to the nearest; what lies outside is black or white.
    expanded = isLimited ? (0...255).map { UInt16(min(255, max(0, ($0 - 16) * 255 + 109) / 219)) } : []
  }

  /// The pixels, row-major, and what is wrong with them: rows that `source` does not hold are zero and make the frame
  /// incomplete; bits outside of those of the sensor make it an error.
  package func unpack(_ source: UnsafeRawBufferPointer) -> (pixels: [UInt16], flags: Frame.Flags) {
    let rowBytes = format.rowBytes(width: width) ?? width
    let rows = min(height, source.count >= rowBytes ? (source.count - rowBytes) / max(1, bytesPerLine) + 1 : 0)
    var stray: UInt16 = 0
    let pixels = [UInt16](unsafeUninitializedCapacity: width * height) { pixels, count in
      for row in 0..<rows {
        let from = UnsafeRawBufferPointer(rebasing: source[(row * bytesPerLine)..<(row * bytesPerLine + rowBytes)])
        let to = UnsafeMutableBufferPointer(rebasing: pixels[(row * width)..<((row + 1) * width)])
        stray |= unpack(row: from, into: to)
      }
      pixels[(rows * width)...].initialize(repeating: 0)
      count = width * height
    }
    var flags: Frame.Flags = rows < height ? .incomplete : []
    if stray != 0 { flags.insert(.error) }
    return (pixels, flags)
  }

  /// Returns the bits of the row that should be zero, together.
  private func unpack(row source: UnsafeRawBufferPointer, into pixels: UnsafeMutableBufferPointer<UInt16>) -> UInt16 {
    switch format.packing {
    case .picture: return bytes(source, stride: 1, first: 0, into: pixels)
    case .bytes(let stride, let first): return bytes(source, stride: stride, first: first, into: pixels)
    case .words(isBigEndian: true): return words(source, into: pixels) { UInt16(bigEndian: $0) }
    case .words, .leftWords: return words(source, into: pixels) { UInt16(littleEndian: $0) }
    case .mipi:
      switch bits {
      case 10: return packedByFour(source, into: pixels)
      case 12: return packedByTwo(source, into: pixels)
      default: return packedFourteens(source, into: pixels)
      }
    case .bigEndianBits: return bigEndianTens(source, into: pixels)
    case .ipu3: return groupsOf25(source, into: pixels)
    }
  }

  private func bytes(
    _ source: UnsafeRawBufferPointer, stride: Int, first: Int, into pixels: UnsafeMutableBufferPointer<UInt16>
  ) -> UInt16 {
    guard !expanded.isEmpty else {
      for x in pixels.indices { pixels[x] = UInt16(source[x &* stride &+ first]) }
      return 0
    }
    expanded.withUnsafeBufferPointer { expanded in
      for x in pixels.indices { pixels[x] = expanded[Int(source[x &* stride &+ first])] }
    }
    return 0
  }

  @inline(__always)
  private func words(
    _ source: UnsafeRawBufferPointer, into pixels: UnsafeMutableBufferPointer<UInt16>, _ order: (UInt16) -> UInt16
  ) -> UInt16 {
    let shift: UInt16 = justified == .left ? UInt16(16 - bits) : 0
    let mask = UInt16(truncatingIfNeeded: (1 << bits) - 1)
    var all: UInt16 = 0
    for x in pixels.indices {
      let word = order(source.loadUnaligned(fromByteOffset: 2 &* x, as: UInt16.self))
      all |= word
      pixels[x] = (word &>> shift) & mask
    }
    return all & ~(mask << shift)
  }

  /// MIPI RAW10: the upper eight bits of four pixels, then a byte with the lower two of each.
  private func packedByFour(
    _ source: UnsafeRawBufferPointer, into pixels: UnsafeMutableBufferPointer<UInt16>
  ) -> UInt16 {
    for x in pixels.indices {
      let group = 5 &* (x &>> 2)
      let low = UInt16(source[group &+ 4]) &>> UInt16(2 &* (x & 3))
      pixels[x] = UInt16(source[group &+ (x & 3)]) &<< 2 | low & 3
    }
    return 0
  }

  /// MIPI RAW12: the upper eight bits of two pixels, then a byte with the lower four of each.
  private func packedByTwo(
    _ source: UnsafeRawBufferPointer, into pixels: UnsafeMutableBufferPointer<UInt16>
  ) -> UInt16 {
    for x in pixels.indices {
      let group = 3 &* (x &>> 1)
      let low = UInt16(source[group &+ 2]) &>> UInt16(4 &* (x & 1))
      pixels[x] = UInt16(source[group &+ (x & 1)]) &<< 4 | low & 15
    }
    return 0
  }

  /// MIPI RAW14: the upper eight bits of four pixels, then three bytes with the lower six of each.
  private func packedFourteens(
    _ source: UnsafeRawBufferPointer, into pixels: UnsafeMutableBufferPointer<UInt16>
  ) -> UInt16 {
    for x in pixels.indices {
      let group = 7 &* (x &>> 2)
      let rest =
        UInt32(source[group &+ 4]) | UInt32(source[group &+ 5]) &<< 8 | UInt32(source[group &+ 6]) &<< 16
      let low = UInt16(truncatingIfNeeded: rest &>> UInt32(6 &* (x & 3)))
      pixels[x] = UInt16(source[group &+ (x & 3)]) &<< 6 | low & 63
    }
    return 0
  }

  /// Numbers of ten bits one behind the other, the highest bit first.
  private func bigEndianTens(
    _ source: UnsafeRawBufferPointer, into pixels: UnsafeMutableBufferPointer<UInt16>
  ) -> UInt16 {
    for x in pixels.indices {
      let (byte, bit) = ((10 &* x) &>> 3, (10 &* x) & 7)
      let word = UInt16(source[byte]) &<< 8 | UInt16(source[byte &+ 1])
      pixels[x] = word &>> UInt16(6 &- bit) & 1023
    }
    return 0
  }

  /// Groups of 25 numbers of ten bits in 32 bytes, the lowest bit first; the last six bits of a group are zero.
  private func groupsOf25(
    _ source: UnsafeRawBufferPointer, into pixels: UnsafeMutableBufferPointer<UInt16>
  ) -> UInt16 {
    var stray: UInt8 = 0
    for x in pixels.indices {
      let (group, place) = x.quotientAndRemainder(dividingBy: 25)
      let (byte, bit) = (32 &* group &+ (10 &* place) &>> 3, (10 &* place) & 7)
      let word = UInt16(source[byte]) | UInt16(source[byte &+ 1]) &<< 8
      pixels[x] = word &>> UInt16(bit) & 1023
      stray |= source[32 &* group &+ 31] & 0xfc
    }
    return UInt16(stray)
  }
}
