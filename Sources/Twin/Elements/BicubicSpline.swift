import Fitting
import Optics

/// A bicubic B-spline with uniform knots on a square, from its coefficients to samples, and transposed.
///
/// A cubic B-spline is chosen before interpolating cubics such as Catmull–Rom's: its second derivative is continuous as well, so that
/// light sees no kinks, and cubic polynomials are in its span over the whole square, edges included, so that the low Zernike
/// polynomials are told exactly. n coefficients along a side belong to n − 3 intervals.
package struct BicubicSpline: Sendable {
  package let fineness: Int
  /// Samples along each side; sample k is the centre of the k-th of equal parts.
  let side: Int
  /// For each sample along a side the first of four coefficients, and their weights.
  private let taps: [(first: Int, weights: SIMD4<Double>)]

  package init(fineness: Int, side: Int) {
    self.fineness = fineness
    self.side = side
    let intervals = fineness - 3
    taps = (0..<side).map { sample in
      let position = (Double(sample) + 0.5) / Double(side) * Double(intervals)
      let first = min(Int(position), intervals - 1)
      let f = position - Double(first)
      let g = 1 - f
      let weights = SIMD4(
        g * g * g, (3 * f - 6) * f * f + 4, ((-3 * f + 3) * f + 3) * f + 1, f * f * f)
      return (first, weights / 6)
    }
  }

  /// `[side, side]` from `[fineness, fineness]`.
  package func values(_ coefficients: [Double]) -> [Double] {
    var rows = [Double](repeating: 0, count: fineness * side)
    for row in 0..<fineness {
      for (x, tap) in taps.enumerated() {
        let start = row * fineness + tap.first
        rows[row * side + x] =
          tap.weights[0] * coefficients[start] + tap.weights[1] * coefficients[start + 1]
          + tap.weights[2] * coefficients[start + 2] + tap.weights[3] * coefficients[start + 3]
      }
    }
    return [Double](unsafeUninitializedCapacity: side * side) { result, initialised in
      initialised = side * side
      rows.withUnsafeBufferPointer { rows in
        for (y, tap) in taps.enumerated() {
          let (start, w) = (tap.first * side, tap.weights)
          for x in 0..<side {
            result[y * side + x] =
              w[0] * rows[start + x] + w[1] * rows[start + side + x] + w[2] * rows[start + 2 * side + x]
              + w[3] * rows[start + 3 * side + x]
          }
        }
      }
    }
  }

  /// `[fineness, fineness]` from `[side, side]`: Σ over the samples of what ``values(_:)`` gives each coefficient there.
  package func transposed(_ samples: [Double]) -> [Double] {
    samples.withUnsafeBufferPointer { $0.baseAddress.map { transposed($0, stride: 1) } ?? [] }
  }

  /// The same from every `stride`-th number.
  func transposed<Scalar: OpticsScalar>(_ samples: UnsafePointer<Scalar>, stride: Int) -> [Double] {
    var rows = [Double](repeating: 0, count: fineness * side)
    rows.withUnsafeMutableBufferPointer { rows in
      for (y, tap) in taps.enumerated() {
        let line = samples + stride * y * side
        for k in 0..<4 {
          let (weight, start) = (tap.weights[k], (tap.first + k) * side)
          for x in 0..<side { rows[start + x] += weight * Double(line[stride * x]) }
        }
      }
    }
    var result = [Double](repeating: 0, count: fineness * fineness)
    for row in 0..<fineness {
      for (x, tap) in taps.enumerated() {
        let (start, sample) = (row * fineness + tap.first, rows[row * side + x])
        for k in 0..<4 { result[start + k] += tap.weights[k] * sample }
      }
    }
    return result
  }

  /// Σ w·b·bᵀ over the samples along one direction, with b the weights of the coefficients in a sample; `[fineness, fineness]`.
  func gram(_ weights: [Double]) -> [Double] {
    var gram = [Double](repeating: 0, count: fineness * fineness)
    for (tap, weight) in zip(taps, weights) {
      for row in 0..<4 {
        for column in 0..<4 {
          gram[(tap.first + row) * fineness + tap.first + column] += weight * tap.weights[row] * tap.weights[column]
        }
      }
    }
    return gram
  }

  /// The coefficients whose values are closest to samples: along one direction after the other, since rows and columns do not mix.
  package func coefficients(closestTo samples: [Double]) throws -> [Double] {
    let normal = gram([Double](repeating: 1, count: side))
    // Fewer samples than coefficients leave some of them free.
    guard let factor = Cholesky(normal, order: fineness) else { return try smallest(closestTo: samples) }
    var result = transposed(samples)
    for row in 0..<fineness {
      let range = row * fineness..<(row + 1) * fineness
      result.replaceSubrange(range, with: factor.solve(Array(result[range])))
    }
    for column in 0..<fineness {
      let solved = factor.solve((0..<fineness).map { result[$0 * fineness + column] })
      for row in 0..<fineness { result[row * fineness + column] = solved[row] }
    }
    return result
  }

  private func smallest(closestTo samples: [Double]) throws -> [Double] {
    var solver = LSMR()
    (solver.iterations, solver.tolerance) = (200, 1e-10)
    return try solver.solve(self, samples).values
  }
}

extension BicubicSpline: LinearOperator {
  package var rows: Int { side * side }
  package var columns: Int { fineness * fineness }
  package func product(_ vector: [Double]) -> [Double] { values(vector) }
  package func transposedProduct(_ vector: [Double]) -> [Double] { transposed(vector) }
}
