/// A matrix that is known by its products with vectors alone; it is never formed.
public protocol LinearOperator {
  var rows: Int { get }
  var columns: Int { get }
  /// A·x.
  func product(_ vector: [Double]) throws -> [Double]
  /// Aᵀ·y.
  func transposedProduct(_ vector: [Double]) throws -> [Double]
}
