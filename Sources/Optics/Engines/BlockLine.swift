import Arrays
import COptics
import Numerics

/// How the block engine transforms lines of one length: the stages, their twiddle factors and the order of the spectrum.
final class BlockLine<Scalar: OpticsScalar>: @unchecked Sendable {
  /// For the kernels; valid as long as this object.
  let line: optics_block_line
  /// The frequency bin at each position of the spectrum.
  let bins: [Int]
  private let twiddles: [AlignedBuffer<Scalar>]

  /// Nil when the block engine cannot transform this length.
  ///
  /// - Parameter used: leading samples that the plane occupies; the others are zero before and cropped after.
  init?(length: Int, used: Int) {
    guard let radices = Self.radices(length), radices.count <= Int(OPTICS_BLOCK_STAGES) else { return nil }
    var line = optics_block_line()
    let active = Self.active(radix: radices[0], length: length, used: used)
    line.length = Int32(length)
    line.active = Int32(active)
    line.extent = Int32(length / radices[0] * active)
    line.stages = Int32(radices.count)
    let twiddles = Self.twiddles(radices, length)
    withUnsafeMutableBytes(of: &line.radices) { bytes in
      for (stage, radix) in radices.enumerated() { bytes.assumingMemoryBound(to: Int32.self)[stage] = Int32(radix) }
    }
    withUnsafeMutableBytes(of: &line.twiddles) { bytes in
      let pointers = bytes.assumingMemoryBound(to: UnsafeRawPointer?.self)
      for (stage, factors) in twiddles.enumerated() { pointers[stage] = UnsafeRawPointer(factors.pointer) }
    }
    self.line = line
    self.twiddles = twiddles
    bins = (0..<length).map { Self.bin(at: $0, radices[...], length) }
  }

  /// The stages for a length: two at least, the first even so that it can leave out a padded half or quarter, and the last
  /// as large as can be, since it needs no twiddle factors. Nil when a prime factor above 5 is left, or too little.
  static func radices(_ length: Int) -> [Int]? {
    guard length >= 4 else { return nil }
    let twos = length.trailingZeroBitCount
    var (odd, rest) = ([Int](), length >> twos)
    for factor in [3, 5] {
      while rest % factor == 0 {
        odd.append(factor)
        rest /= factor
      }
    }
    guard rest == 1, twos > 0 else { return nil }
    if odd.isEmpty, twos <= 3 { return twos == 2 ? [2, 2] : [2, 4] }
    let eights: Int
    var small: [Int]
    switch twos % 3 {
    case 0: (eights, small) = (twos / 3, [])
    case 2: (eights, small) = (twos / 3, [4])
    case 1 where twos > 1: (eights, small) = (twos / 3 - 1, [4, 4])
    default: (eights, small) = (0, [2])
    }
    var large = [Int](repeating: 8, count: eights)
    if small.isEmpty { small.append(large.removeLast()) }
    // With one even stage alone, the odd ones come behind it.
    if small.count > 1, large.isEmpty { large.append(small.removeLast()) }
    return small + odd + large
  }

  /// Segments of the first stage that hold the plane: a half, three quarters or all of them.
  private static func active(radix: Int, length: Int, used: Int) -> Int {
    if 2 * used <= length { return radix / 2 }
    return radix > 2 && 4 * used <= 3 * length ? 3 * radix / 4 : radix
  }

  /// e^(−2πiqk/span) for every stage, `[k][q]` with q from 1 to below the radix.
  private static func twiddles(_ radices: [Int], _ length: Int) -> [AlignedBuffer<Scalar>] {
    var span = length
    return radices.map { radix in
      let factors = AlignedBuffer<Scalar>(count: 2 * (radix - 1) * span / radix)
      for k in 0..<span / radix {
        for q in 1..<radix {
          let angle = -2 * Double.pi * Double(q * k) / Double(span)
          let index = 2 * ((radix - 1) * k + q - 1)
          factors.pointer[index] = Scalar(Double.cos(angle))
          factors.pointer[index + 1] = Scalar(Double.sin(angle))
        }
      }
      span /= radix
      return factors
    }
  }

  /// The bin that decimation in frequency leaves at a position.
  private static func bin(at position: Int, _ radices: ArraySlice<Int>, _ length: Int) -> Int {
    guard let radix = radices.first else { return 0 }
    let step = length / radix
    return position / step + radix * bin(at: position % step, radices.dropFirst(), step)
  }
}
