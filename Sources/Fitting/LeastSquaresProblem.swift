/// A sum of squares to be made small.
public protocol LeastSquaresProblem {
  /// ½Σr² at the given unknowns; infinite where the model does not exist.
  func cost(at values: [Double]) throws -> Double

  /// The normal equations at the given unknowns.
  func normalEquations(at values: [Double]) throws -> NormalEquations

  /// Jᵀr alone, when it can be had for much less than the normal equations; nil otherwise.
  func slope(at values: [Double]) throws -> [Double]?
}

extension LeastSquaresProblem {
  public func slope(at values: [Double]) throws -> [Double]? { nil }
}
