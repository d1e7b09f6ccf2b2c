/// Other unknowns z for the unknowns x = C·z of a least-squares problem, chosen so that the residuals change about equally along every
/// direction of z: then ``LSMR`` needs few steps.
///
/// C has blocks along its diagonal, one for each group of unknowns, in their order. Without any, z = x.
public struct Preconditioner: Sendable {
  /// What stands for a group: the curvature H ≈ L·Lᵀ of the residuals by its unknowns, of which C is the inverse of Lᵀ.
  public enum Block: Sendable {
    case curvature(Cholesky)
    /// Of a grid of unknowns, row by row: scale times the Kronecker product of a matrix over rows with one over columns.
    case product(rows: Cholesky, columns: Cholesky, scale: Double)

    var count: Int {
      switch self {
      case .curvature(let factor): factor.order
      case .product(let rows, let columns, _): rows.order * columns.order
      }
    }
  }

  private let blocks: [Block]

  public init(_ blocks: [Block] = []) { self.blocks = blocks }

  /// x = C·z.
  public func values(_ unknowns: [Double]) -> [Double] { applying(unknowns, { $0.solveUpper($1) }) }

  /// Cᵀ·x.
  public func transposed(_ values: [Double]) -> [Double] { applying(values, { $0.solveLower($1) }) }

  private func applying(_ vector: [Double], _ solve: (Cholesky, [Double]) -> [Double]) -> [Double] {
    guard !blocks.isEmpty else { return vector }
    var (result, start) = ([Double](), 0)
    result.reserveCapacity(vector.count)
    for block in blocks {
      let part = Array(vector[start..<start + block.count])
      start += block.count
      switch block {
      case .curvature(let factor): result += solve(factor, part)
      case .product(let rows, let columns, let scale):
        result += Self.alongBoth(part, rows, columns, solve).map { $0 / scale.squareRoot() }
      }
    }
    return result
  }

  private static func alongBoth(
    _ grid: [Double], _ rows: Cholesky, _ columns: Cholesky, _ solve: (Cholesky, [Double]) -> [Double]
  ) -> [Double] {
    let (height, width) = (rows.order, columns.order)
    var result = (0..<height).flatMap { solve(columns, Array(grid[$0 * width..<($0 + 1) * width])) }
    for column in 0..<width {
      let solved = solve(rows, (0..<height).map { result[$0 * width + column] })
      for row in 0..<height { result[row * width + column] = solved[row] }
    }
    return result
  }
}

/// A matrix A as A·C, for the unknowns of a preconditioner.
public struct PreconditionedRows<Matrix: LinearOperator>: LinearOperator {
  private let matrix: Matrix
  private let preconditioner: Preconditioner

  public init(_ matrix: Matrix, _ preconditioner: Preconditioner) {
    (self.matrix, self.preconditioner) = (matrix, preconditioner)
  }

  public var rows: Int { matrix.rows }
  public var columns: Int { matrix.columns }

  public func product(_ vector: [Double]) throws -> [Double] { try matrix.product(preconditioner.values(vector)) }

  public func transposedProduct(_ vector: [Double]) throws -> [Double] {
    preconditioner.transposed(try matrix.transposedProduct(vector))
  }
}
