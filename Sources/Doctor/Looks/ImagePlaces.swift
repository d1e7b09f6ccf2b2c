import Fitting

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
    guard let fit = ColumnFit(columns) else { return nil }
    var (shifts, left) = ([(x: Double, y: Double)](), 0.0)
    for frame in frames {
      let values = inner.map { Double(frame[$0]) }
      let found = fit.solution(of: values)
      shifts.append((found[1], found[2]))
      for index in values.indices {
        let rest = values[index] - columns.indices.reduce(0) { $0 + found[$1] * columns[$1][index] }
        left += rest * rest
      }
    }
    let variance = left / Double(frames.count * max(1, inner.count - columns.count))
    self.shifts = shifts
    error = (variance * max(fit.variances[1], fit.variances[2])).squareRoot()
  }

  /// All pixels that have neighbours on every side.
  private static func inner(width: Int, height: Int) -> [Int] {
    (1..<height - 1).flatMap { y in (1..<width - 1).map { y * width + $0 } }
  }
}

/// Least squares with a few columns.
private struct ColumnFit {
  private let columns: [[Double]]
  private let normal: Cholesky
  /// Of each coefficient, for values of variance 1.
  let variances: [Double]

  /// The part of a column's square that the others must leave unexplained.
  private static let least = 1e-9

  /// Nil when the columns do not differ enough.
  init?(_ columns: [[Double]]) {
    let products = columns.map { a in columns.map { NormalEquations.product(a, $0) } }
    guard let normal = Cholesky(products.flatMap(\.self), order: columns.count) else { return nil }
    let inverse = normal.inverse
    let variances = columns.indices.map { inverse[$0 * (columns.count + 1)] }
    guard columns.indices.allSatisfy({ 1 > Self.least * variances[$0] * products[$0][$0] }) else { return nil }
    (self.columns, self.normal, self.variances) = (columns, normal, variances)
  }

  func solution(of values: [Double]) -> [Double] { normal.solve(columns.map { NormalEquations.product($0, values) }) }
}
