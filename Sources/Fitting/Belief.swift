/// What is believed about the unknowns before they are measured: the cost ½(x − c)ᵀ·A·(x − c).
public struct Belief: Sendable, Equatable {
  /// c.
  public var centre: [Double]
  /// A, row-major, symmetric and not negative: the inverse of a covariance in units of the residuals' variance.
  public var precision: [Double]

  public init(centre: [Double], precision: [Double]) {
    precondition(precision.count == centre.count * centre.count, "a matrix needs order² elements")
    self.centre = centre
    self.precision = precision
  }

  /// Independent beliefs.
  public init(centre: [Double], precisions: [Double]) {
    let order = centre.count
    var matrix = [Double](repeating: 0, count: order * order)
    for (index, value) in precisions.enumerated() { matrix[index * order + index] = value }
    self.init(centre: centre, precision: matrix)
  }

  /// The cost itself.
  public func cost(at values: [Double]) -> Double {
    zip(slope(at: values), zip(values, centre)).reduce(0) { $0 + $1.0 * ($1.1.0 - $1.1.1) / 2 }
  }

  /// A·(x − c).
  public func slope(at values: [Double]) -> [Double] {
    let order = centre.count
    return (0..<order).map { row in
      (0..<order).reduce(0) { $0 + precision[row * order + $1] * (values[$1] - centre[$1]) }
    }
  }
}
