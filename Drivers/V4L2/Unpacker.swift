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

  package init(
    format: PixelFormat, width: Int, height: Int, bytesPerLine: Int, bits: Int, justified: Justification = .right
  ) {
    self.format = format
    self.width = width
    self.height = height
    self.bytesPerLine = bytesPerLine
    self.bits = bits
    self.justified = justified
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
    switch format {
    case .grey, .mjpeg: return bytes(source, stride: 1, into: pixels)
    case .yuyv: return bytes(source, stride: 2, into: pixels)
    case .y10Packed: return packedByFour(source, into: pixels)
    case .y12Packed: return packedByTwo(source, into: pixels)
    case .y16BigEndian: return words(source, into: pixels) { UInt16(bigEndian: $0) }
    case .y10, .y12, .y14, .y16: return words(source, into: pixels) { UInt16(littleEndian: $0) }
    }
  }

  private func bytes(
    _ source: UnsafeRawBufferPointer, stride: Int, into pixels: UnsafeMutableBufferPointer<UInt16>
  ) -> UInt16 {
    for x in pixels.indices { pixels[x] = UInt16(source[x &* stride]) }
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
}
