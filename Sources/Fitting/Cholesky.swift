/// The factor of a small symmetric positive definite matrix.
public struct Cholesky: Sendable {
  private let factor: [Double]
  /// Rows of the matrix.
  public let order: Int

  /// - Parameter matrix: `[order, order]`, row-major.
  /// - Returns: nil when the matrix is not positive definite.
  public init?(_ matrix: [Double], order: Int) {
    precondition(matrix.count == order * order, "a matrix needs order² elements")
    var factor = matrix
    for column in 0..<order {
      for row in column..<order {
        var sum = factor[row * order + column]
        for inner in 0..<column { sum -= factor[row * order + inner] * factor[column * order + inner] }
        if row == column {
          guard sum > 0, sum.isFinite else { return nil }
          factor[row * order + row] = sum.squareRoot()
        } else {
          factor[row * order + column] = sum / factor[column * order + column]
        }
      }
    }
    self.factor = factor
    self.order = order
  }

  /// The solution x of A·x = right, as long as the matrix has rows.
  public func solve(_ right: [Double]) -> [Double] { solveUpper(solveLower(right)) }

  /// The solution x of L·x = right, with A = L·Lᵀ.
  public func solveLower(_ right: [Double]) -> [Double] {
    var solution = right
    for row in 0..<order {
      for inner in 0..<row { solution[row] -= factor[row * order + inner] * solution[inner] }
      solution[row] /= factor[row * order + row]
    }
    return solution
  }

  /// The solution x of Lᵀ·x = right.
  public func solveUpper(_ right: [Double]) -> [Double] {
    var solution = right
    for row in (0..<order).reversed() {
      for inner in row + 1..<max(order, row + 1) { solution[row] -= factor[inner * order + row] * solution[inner] }
      solution[row] /= factor[row * order + row]
    }
    return solution
  }

  /// The inverse, row-major.
  public var inverse: [Double] {
    let columns = (0..<order).map { column in solve((0..<order).map { $0 == column ? 1 : 0 }) }
    return (0..<order).flatMap { row in columns.map { $0[row] } }
  }
}
