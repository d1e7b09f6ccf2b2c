/// A sum of squares to be made small.
public protocol LeastSquaresProblem {
  /// ½Σr² at the given unknowns; infinite where the model does not exist.
  func cost(at values: [Double]) throws -> Double

  /// The normal equations at the given unknowns.
  ///
  /// - Parameter steps: how far each unknown may be moved to take its derivative, signed so that it stays in its bounds.
  func normalEquations(at values: [Double], steps: [Double]) throws -> NormalEquations

  /// Jᵀr alone, when it can be had for much less than the normal equations; nil otherwise.
  func slope(at values: [Double]) throws -> [Double]?
}

extension LeastSquaresProblem {
  public func slope(at values: [Double]) throws -> [Double]? { nil }
}

/// A problem that is given by its residuals; the Jacobian is taken by forward differences.
public struct ResidualProblem: LeastSquaresProblem {
  private let residuals: (_ values: [Double]) throws -> [Double]

  public init(_ residuals: @escaping (_ values: [Double]) throws -> [Double]) { self.residuals = residuals }

  public func cost(at values: [Double]) throws -> Double { try residuals(values).reduce(0) { $0 + $1 * $1 } / 2 }

  public func normalEquations(at values: [Double], steps: [Double]) throws -> NormalEquations {
    let current = try residuals(values)
    let columns = try values.indices.map { index in
      var moved = values
      moved[index] += steps[index]
      return zip(try residuals(moved), current).map { ($0 - $1) / steps[index] }
    }
    var normal = NormalEquations(unknowns: values.count)
    normal.add(residuals: current, columns: columns)
    return normal
  }
}
