import Fitting

/// How sure a fit of the source is of linear functions of its unknowns.
///
/// A function p·x of the lowest point x errs by yᵀ(Jᵀε + W²δ), with H·y = p, H = JᵀJ + W², ε the errors of the residuals and δ what the
/// priors are off. So its variance needs one solution of H and one product with J for each function: Σ (Σ (J·y)·r)² over the tiles of the
/// frames, with residuals in a tile as correlated as they please (Liang and Zeger, Biometrika 73, 13 (1986)), and the priors' own. It
/// knows nothing of what the model lacks in the same way in every frame.
struct SourceCovariance {
  private let rows: StackedRows<SourceJacobian<Float>>
  private let preconditioner: Preconditioner
  private let residuals: [Double]
  private let tiles: [[Int]]
  private let noise: Double

  init(_ problem: SourceProblem, at values: [Double], noise: Double) throws {
    let (residuals, jacobian) = try problem.linearised(at: values)
    let priors = problem.unknowns.priors(noise: noise)
    let weights = priors.weights
    preconditioner = try problem.preconditioner(jacobian, priors: priors)
    rows = StackedRows(jacobian: jacobian, weights: weights, moves: weights.map { _ in true })
    (self.residuals, self.noise) = (residuals, noise)
    var start = 0
    tiles = problem.frames.targets.flatMap { target in
      defer { start += target.values.count }
      return target.tiles(FrameInformation.tile).map { tile in tile.map { start + $0 } }
    }
  }

  /// The covariance of functions, row by row.
  ///
  /// - Parameter functions: the derivatives of each by the unknowns.
  func covariance(_ functions: [[Double]]) throws -> [Double] {
    let parts = try functions.map { try scores($0) }
    return parts.flatMap { row in parts.map { NormalEquations.product(row, $0) } }
  }

  /// What the residuals of each tile and each prior move the function by: its variance is the sum of their squares.
  private func scores(_ function: [Double]) throws -> [Double] {
    var solver = LSMR()
    (solver.iterations, solver.tolerance) = (Self.products, 1e-2)
    // RᵀR·y = p as least squares: any right side b with Rᵀ·b = p will do, and the rows of the priors have one.
    let right = [Double](repeating: 0, count: rows.jacobian.rows) + zip(function, rows.weights).map { $0 / $1 }
    let y = preconditioner.values(try solver.solve(PreconditionedRows(rows, preconditioner), right).values)
    let moved = try rows.jacobian.product(y)
    return tiles.map { tile in tile.reduce(0) { $0 + moved[$1] * residuals[$1] } }
      + zip(y, rows.weights).map { noise * $0 * $1 }
  }

  private static let products = 60
}
