/// The four samples, their weights and the weights' derivatives by position, with which Keys' cubic convolution
/// (R. Keys, IEEE Trans. ASSP 29, 1153 (1981), a = −1/2) interpolates along one direction.
///
/// The interpolation passes through the samples, its first derivative is continuous, and samples beyond the plane are 0.
struct CubicTaps {
  let first: Int
  let weights: SIMD4<Double>
  let slopes: SIMD4<Double>

  /// - Returns: nil when no tap lies in `0..<side`; `position` may be any number, NaN included.
  @inline(__always)
  init?(at position: Double, side: Int) {
    guard position > -2, position < Double(side + 1) else { return nil }
    // Truncation of a positive number is its floor, and far cheaper than a call on the oldest processors.
    let floor = Int(position + 2) - 2
    let f = position - Double(floor)
    first = floor - 1
    weights = SIMD4(
      ((-0.5 * f + 1) * f - 0.5) * f, (1.5 * f - 2.5) * f * f + 1, ((-1.5 * f + 2) * f + 0.5) * f,
      (0.5 * f - 0.5) * f * f)
    slopes = SIMD4(
      (-1.5 * f + 2) * f - 0.5, (4.5 * f - 5) * f, (-4.5 * f + 4) * f + 0.5, (1.5 * f - 1) * f)
  }

  /// Whether all four taps lie in `0..<side`.
  @inline(__always)
  func isInside(_ side: Int) -> Bool { first >= 0 && first + 3 < side }
}

/// A value with its derivatives by the position in samples.
struct Interpolated {
  let value: Double
  let slopeX: Double
  let slopeY: Double
}

extension CubicTaps {
  /// Interpolates a square plane whose neighbouring samples lie `stride` elements apart.
  @inline(__always)
  static func interpolate<Scalar: BinaryFloatingPoint>(
    _ plane: UnsafePointer<Scalar>, side: Int, stride: Int = 1, x: CubicTaps, y: CubicTaps
  ) -> Interpolated {
    var sum = SIMD4<Double>()
    var slope = SIMD4<Double>()
    if x.isInside(side), y.isInside(side) {
      var start = plane + stride * (y.first * side + x.first)
      for tap in 0..<4 {
        let samples = SIMD4(
          Double(start[0]), Double(start[stride]), Double(start[2 * stride]), Double(start[3 * stride]))
        sum += samples * y.weights[tap]
        slope += samples * y.slopes[tap]
        start += stride * side
      }
    } else {
      for tapY in 0..<4 where y.first + tapY >= 0 && y.first + tapY < side {
        let line = plane + stride * (y.first + tapY) * side
        for tapX in 0..<4 where x.first + tapX >= 0 && x.first + tapX < side {
          let sample = Double(line[stride * (x.first + tapX)])
          sum[tapX] += sample * y.weights[tapY]
          slope[tapX] += sample * y.slopes[tapY]
        }
      }
    }
    return Interpolated(
      value: (sum * x.weights).sum(), slopeX: (sum * x.slopes).sum(), slopeY: (slope * x.weights).sum())
  }
}
