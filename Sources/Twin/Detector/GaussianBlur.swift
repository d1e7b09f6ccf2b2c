import Numerics
import Optics

/// Blurs a real plane with a Gaussian; beyond the plane it is dark.
///
/// The kernel is the discrete analogue of the Gaussian, T(n, t) = e^(−t) Iₙ(t) (T. Lindeberg, IEEE Trans. PAMI 12, 234
/// (1990)): its variance is t exactly, also when that is a fraction of a sample, and blurs after each other add theirs.
struct GaussianBlur<Scalar: OpticsScalar>: Sendable {
  /// Half of the symmetric kernel, from its middle outwards.
  let kernel: [Scalar]
  /// The derivative of the kernel by the standard deviation in metres.
  let derivative: [Scalar]
  private let side: Int

  /// - Parameters:
  ///   - deviation: standard deviation in metres.
  ///   - step: metres between two samples.
  /// - Returns: nil when the deviation is too small to matter.
  init?(deviation: Double, step: Double, side: Int) {
    let variance = (deviation / step) * (deviation / step)
    guard variance > 1e-30 else { return nil }
    self.side = side
    let full = Self.discreteGaussian(variance: variance, side: side)
    let negligible = Double(Scalar.ulpOfOne) / 8
    let radius = full.lastIndex { $0 > negligible } ?? 0
    kernel = full[0...min(side - 1, radius)].map { Scalar($0) }
    let byDeviation = 2 * deviation / (step * step)
    derivative = (0...min(side - 1, radius + 1)).map { index in
      Scalar(byDeviation * ((full[abs(index - 1)] + full[index + 1]) / 2 - full[index]))
    }
  }

  /// Room for one row with its margins.
  var paddedCount: Int { side + 2 * (derivative.count - 1) }

  /// e^(−t) Iₙ(t) from n = 0 on until it is negligible, by Miller's backward recurrence.
  private static func discreteGaussian(variance: Double, side: Int) -> [Double] {
    let reach = Int(min(9 * variance.squareRoot(), 1e4 + 9 * Double(side))) + 16
    var values = [Double](repeating: 0, count: 2 * reach + 22)
    values[values.count - 2] = 1e-200
    for index in (1..<values.count - 1).reversed() {
      values[index - 1] = values[index + 1] + 2 * Double(index) / variance * values[index]
      if values[index - 1] > 1e200 {
        for later in index - 1..<values.count { values[later] *= 1e-200 }
      }
    }
    let sum = values[0] + 2 * values.dropFirst().reduce(0, +)
    return values.map { $0 / sum }
  }

  /// The blurred `source` in `destination`, which may be the source itself; the operation is its own transpose.
  func apply(
    _ source: UnsafePointer<Scalar>, into destination: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>, padded: UnsafeMutablePointer<Scalar>
  ) {
    alongRows(kernel, source, into: scratch, padded: padded)
    alongColumns(kernel, scratch, into: destination, padded: padded)
  }

  /// Σ weight · ∂(blurred source)/∂(standard deviation).
  func derivative(
    of source: UnsafePointer<Scalar>, weightedBy weight: UnsafePointer<Scalar>,
    scratch: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>), padded: UnsafeMutablePointer<Scalar>
  ) -> Double {
    func sum(rows: [Scalar], columns: [Scalar]) -> Double {
      alongRows(rows, source, into: scratch.0, padded: padded)
      alongColumns(columns, scratch.0, into: scratch.1, padded: padded)
      var total = 0.0
      for index in 0..<side * side { total += Double(weight[index]) * Double(scratch.1[index]) }
      return total
    }
    return sum(rows: derivative, columns: kernel) + sum(rows: kernel, columns: derivative)
  }

  /// The derivative of the blurred source by the standard deviation.
  func tangent(
    of source: UnsafePointer<Scalar>, into destination: UnsafeMutablePointer<Scalar>,
    scratch: (UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>), padded: UnsafeMutablePointer<Scalar>
  ) {
    alongRows(derivative, source, into: scratch.0, padded: padded)
    alongColumns(kernel, scratch.0, into: destination, padded: padded)
    alongRows(kernel, source, into: scratch.0, padded: padded)
    alongColumns(derivative, scratch.0, into: scratch.1, padded: padded)
    for index in 0..<side * side { destination[index] += scratch.1[index] }
  }

  private func alongRows(
    _ kernel: [Scalar], _ source: UnsafePointer<Scalar>, into destination: UnsafeMutablePointer<Scalar>,
    padded: UnsafeMutablePointer<Scalar>
  ) {
    let radius = kernel.count - 1
    padded.update(repeating: 0, count: radius)
    (padded + radius + side).update(repeating: 0, count: radius)
    let middle = padded + radius
    kernel.withUnsafeBufferPointer { kernel in
      for y in 0..<side {
        middle.update(from: source + y * side, count: side)
        addUp(kernel, into: destination + y * side) { UnsafePointer(middle + $0) }
      }
    }
  }

  private func alongColumns(
    _ kernel: [Scalar], _ source: UnsafePointer<Scalar>, into destination: UnsafeMutablePointer<Scalar>,
    padded: UnsafeMutablePointer<Scalar>
  ) {
    padded.update(repeating: 0, count: side)
    kernel.withUnsafeBufferPointer { kernel in
      for y in 0..<side {
        addUp(kernel, into: destination + y * side) {
          (0..<side).contains(y + $0) ? source + (y + $0) * side : UnsafePointer(padded)
        }
      }
    }
  }

  /// Sets `row` to the sum of the lines at every distance weighted by the kernel, two distances in a pass.
  @inline(__always)
  private func addUp(
    _ kernel: UnsafeBufferPointer<Scalar>, into row: UnsafeMutablePointer<Scalar>,
    line: (Int) -> UnsafePointer<Scalar>
  ) {
    let middle = line(0)
    for x in 0..<side { row[x] = kernel[0] * middle[x] }
    var n = 1
    while n + 1 < kernel.count {
      let (one, other) = (kernel[n], kernel[n + 1])
      let (a, b, c, d) = (line(-n), line(n), line(-n - 1), line(n + 1))
      for x in 0..<side { row[x] += one * (a[x] + b[x]) + other * (c[x] + d[x]) }
      n += 2
    }
    guard n < kernel.count else { return }
    let (last, a, b) = (kernel[n], line(-n), line(n))
    for x in 0..<side { row[x] += last * (a[x] + b[x]) }
  }
}
