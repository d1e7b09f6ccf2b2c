/// Where the picture of each frame lies beside that of their mean, by least squares: a frame is the mean, brighter or darker, plus its
/// slopes times the shift.
public struct ImagePlaces {
  /// In pixels, along x and y, one for each frame.
  public let shifts: [(x: Double, y: Double)]
  /// Standard deviation of a shift by what it leaves of the frames; nil where the mean has no slopes.
  public let error: Double?

  /// - Parameters:
  ///   - frames: pixels row by row, all of one size.
  ///   - width: pixels of a row.
  public init?(of frames: [[Float]], width: Int) {
    guard frames.count > 1, width > 2, let count = frames.first?.count, count / width > 2 else { return nil }
    let inner = Self.inner(width: width, height: count / width)
    var mean = [Double](repeating: 0, count: count)
    for frame in frames { for pixel in 0..<count { mean[pixel] += Double(frame[pixel]) } }
    for pixel in 0..<count { mean[pixel] /= Double(frames.count) }
    // A picture that moves to the right is brighter where its mean falls to the right.
    let columns = [
      inner.map { mean[$0] }, inner.map { -(mean[$0 + 1] - mean[$0 - 1]) / 2 },
      inner.map { -(mean[$0 + width] - mean[$0 - width]) / 2 }, inner.map { _ in 1.0 },
    ]
    guard let inverse = SymmetricInverse(columns) else { return nil }
    var (shifts, left) = ([(x: Double, y: Double)](), 0.0)
    for frame in frames {
      let values = inner.map { Double(frame[$0]) }
      let found = inverse.solution(of: values)
      shifts.append((found[1], found[2]))
      for index in values.indices {
        let rest = values[index] - columns.indices.reduce(0) { $0 + found[$1] * columns[$1][index] }
        left += rest * rest
      }
    }
    let variance = left / Double(frames.count * max(1, inner.count - columns.count))
    self.shifts = shifts
    error = (variance * max(inverse.variance(of: 1), inverse.variance(of: 2))).squareRoot()
  }

  /// All pixels that have neighbours on every side.
  private static func inner(width: Int, height: Int) -> [Int] {
    (1..<height - 1).flatMap { y in (1..<width - 1).map { y * width + $0 } }
  }
}

/// Least squares with a few columns.
private struct SymmetricInverse {
  private let columns: [[Double]]
  private var inverse: [[Double]]

  /// Nil when the columns do not differ enough.
  init?(_ columns: [[Double]]) {
    let count = columns.count
    var normal = columns.map { a in columns.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
    let sizes = (0..<count).map { normal[$0][$0] }
    guard sizes.allSatisfy({ $0 > 0 }) else { return nil }
    var inverse = (0..<count).map { row in (0..<count).map { $0 == row ? 1.0 : 0 } }
    for pivot in 0..<count {
      guard normal[pivot][pivot] > 1e-9 * sizes[pivot] else { return nil }
      let factor = 1 / normal[pivot][pivot]
      for column in 0..<count {
        normal[pivot][column] *= factor
        inverse[pivot][column] *= factor
      }
      for row in 0..<count where row != pivot {
        let part = normal[row][pivot]
        for column in 0..<count {
          normal[row][column] -= part * normal[pivot][column]
          inverse[row][column] -= part * inverse[pivot][column]
        }
      }
    }
    (self.columns, self.inverse) = (columns, inverse)
  }

  func solution(of values: [Double]) -> [Double] {
    let products = columns.map { zip($0, values).reduce(0) { $0 + $1.0 * $1.1 } }
    return inverse.map { zip($0, products).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// Of a coefficient, for values of variance 1.
  func variance(of coefficient: Int) -> Double { max(0, inverse[coefficient][coefficient]) }
}
