import Arrays
import Foundation

/// One size of the work that every implementation does: images through four phase layers and five band-limited hops of free
/// space, intensity, mean squared error against targets, adjoint, Adam. Single precision, all numbers from splitmix64 so that
/// any language can make the same ones.
struct Work: Codable, Hashable, Sendable {
  /// Samples along each side of the plane.
  var size: Int
  /// Side of the canvas in units of the plane's.
  var padding: Int
  var threads: Int
  var batch = 8

  static let layers = 4
  static let pitch = 8e-6
  static let wavelength = 850e-9
  static let distance = 20e-3
  static let imageSize = 20

  var planeCount: Int { size * size }

  /// Images of [0, 1), upsampled by nearest neighbour into a zero frame, `[batch, size, size]`.
  func planes(seed: UInt64) -> [Float] {
    let scale = max(1, 3 * size / 4 / Self.imageSize)
    let offset = (size - scale * Self.imageSize) / 2
    var planes = [Float](repeating: 0, count: batch * planeCount)
    for image in 0..<batch {
      for y in 0..<scale * Self.imageSize {
        for x in 0..<scale * Self.imageSize {
          let pixel = (image * Self.imageSize + y / scale) * Self.imageSize + x / scale
          planes[image * planeCount + (y + offset) * size + x + offset] = Float(Self.uniform(seed, UInt64(pixel)))
        }
      }
    }
    return planes
  }

  /// The small images that ``planes(seed:)`` spreads.
  func images(seed: UInt64) -> Stack<Float> {
    let count = batch * Self.imageSize * Self.imageSize
    var stack = Stack<Float>(count: batch, height: Self.imageSize, width: Self.imageSize)
    for index in 0..<count { stack.values[index] = Float(Self.uniform(seed, UInt64(index))) }
    return stack
  }

  /// The phases at the start, uniform in [0, π), `[layers, size, size]`.
  func phases() -> [Float] {
    (0..<Self.layers * planeCount).map { Float(Double.pi * Self.uniform(3, UInt64($0))) }
  }

  /// Replaces the intensity of one image by ∂L/∂I, and returns its part of the loss.
  func compare(_ intensity: UnsafeMutablePointer<Float>, _ target: UnsafePointer<Float>) -> Double {
    let scale = 1 / Float(batch * planeCount)
    var total = 0.0
    // Sizes are multiples of sixteen.
    for row in stride(from: 0, to: planeCount, by: size) {
      var sum = SIMD16<Float>.zero
      for x in stride(from: row, to: row + size, by: 16) {
        let there = UnsafeMutableRawPointer(intensity + x)
        let wanted = UnsafeRawPointer(target + x).loadUnaligned(as: SIMD16<Float>.self)
        let error = there.loadUnaligned(as: SIMD16<Float>.self) - wanted
        sum += error * error
        there.storeBytes(of: error * (2 * scale), as: SIMD16<Float>.self)
      }
      total += Double(sum.sum())
    }
    return total * Double(scale)
  }

  /// splitmix64 of seed and position, in [0, 1).
  static func uniform(_ seed: UInt64, _ position: UInt64) -> Double {
    var z = (seed << 32) &+ position &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Double(z >> 40) * 0x1p-24
  }
}

/// Something that can do the work, one batch at a time.
protocol Worker: AnyObject {
  func forward() throws
  /// One step of training; returns the loss before it.
  func train() throws -> Double
}
