/// A sum of squares whose derivatives are known by their products with vectors alone.
public protocol DifferentiableResiduals {
  associatedtype Jacobian: LinearOperator

  /// ½Σr² at the given unknowns; infinite where the model does not exist.
  func cost(at values: [Double]) throws -> Double

  /// The residuals and their derivatives at the given unknowns.
  func linearised(at values: [Double]) throws -> (residuals: [Double], jacobian: Jacobian)

  /// Unknowns in which the residuals change about equally along every direction; the own ones unless it is said otherwise.
  func preconditioner(_ jacobian: Jacobian, priors: PriorRows) throws -> Preconditioner
}

extension DifferentiableResiduals {
  public func preconditioner(_ jacobian: Jacobian, priors: PriorRows) -> Preconditioner { Preconditioner() }
}

/// What is known of unknowns before: each of them adds the residual weight·(value − expected).
public struct PriorRows: Sendable {
  public var expected: [Double]
  public var weights: [Double]

  public init(expected: [Double], weights: [Double]) { (self.expected, self.weights) = (expected, weights) }

  public func residuals(at values: [Double]) -> [Double] {
    values.indices.map { weights[$0] * (values[$0] - expected[$0]) }
  }

  public func cost(at values: [Double]) -> Double { residuals(at: values).reduce(0) { $0 + $1 * $1 } / 2 }
}

/// Damped Gauss–Newton for many bounded unknowns (Levenberg and Marquardt), whose steps ``LSMR`` solves from products with J and Jᵀ: no
/// column of J is formed, and the memory grows with the number of unknowns, not with its square.
///
/// Unknowns, or those of the problem's preconditioner, should be scaled so that a change by one changes the residuals about equally. An
/// unknown that stands at a bound and is pushed against it does not take part in a step.
public struct GaussNewton: Sendable {
  /// Steps that lower the cost at most.
  public var maximumIterations = 10
  /// Relative fall of the cost below which the search has converged.
  public var tolerance = 1e-4
  /// Weight of the length of a step, in the preconditioner's unknowns, beside the residuals at the start; a tenth on success, ten times as much on failure.
  public var damping = 0.0
  /// Steps of the solver at most, and the part of the gradient that may be left.
  public var solver = LSMR()

  public init() {}

  /// Where the search ended.
  public struct Result: Sendable, Equatable {
    /// The unknowns at the lowest cost that was met.
    public var values: [Double]
    /// ½Σr², priors included.
    public var cost: Double
    /// Steps that lowered the cost.
    public var iterations: Int
    /// Steps of the solver in all of them.
    public var products: Int
  }

  /// The lowest point that is found from `start`; never one that is higher.
  public func minimise(
    _ problem: some DifferentiableResiduals, from start: [Double], bounds: [ClosedRange<Double>], priors: PriorRows,
    progress: (_ iterations: Int, _ cost: Double) throws -> Void = { _, _ in }
  ) throws -> Result {
    var result = Result(values: Self.clamp(start, bounds), cost: 0, iterations: 0, products: 0)
    result.cost = try problem.cost(at: result.values) + priors.cost(at: result.values)
    var damping = damping
    while result.iterations < maximumIterations {
      let (residuals, jacobian) = try problem.linearised(at: result.values)
      let right = (residuals + priors.residuals(at: result.values)).map { -$0 }
      let all = [Bool](repeating: true, count: result.values.count)
      let whole = StackedRows(jacobian: jacobian, weights: priors.weights, moves: all)
      let pull = try whole.transposedProduct(right)
      let moves = result.values.indices.map { index in
        !(result.values[index] <= bounds[index].lowerBound && pull[index] < 0)
          && !(result.values[index] >= bounds[index].upperBound && pull[index] > 0)
      }
      let rows = StackedRows(jacobian: jacobian, weights: priors.weights, moves: moves)
      let preconditioner = try problem.preconditioner(jacobian, priors: priors)
      var gain = 0.0
      while gain <= 0, damping < Self.largestDamping {
        var solver = solver
        solver.damping = damping
        let solution = try solver.solve(PreconditionedRows(rows, preconditioner), right)
        result.products += solution.iterations
        let step = zip(preconditioner.values(solution.values), moves).map { $1 ? $0 : 0 }
        let candidate = Self.clamp(zip(result.values, step).map { $0 + $1 }, bounds)
        let trial =
          candidate == result.values ? .infinity : try problem.cost(at: candidate) + priors.cost(at: candidate)
        gain = trial < result.cost ? (result.cost - trial) / result.cost : 0
        if gain > 0 { (result.values, result.cost) = (candidate, trial) }
        damping = gain > 0 ? damping / 10 : max(10 * damping, Self.smallestDamping)
      }
      guard gain > 0 else { break }
      result.iterations += 1
      try progress(result.iterations, result.cost)
      if gain < tolerance { break }
    }
    return result
  }

  private static func clamp(_ values: [Double], _ bounds: [ClosedRange<Double>]) -> [Double] {
    zip(values, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
  }

  private static let (smallestDamping, largestDamping) = (1e-2, 1e6)
}

/// The derivatives of residuals with the rows of the priors below them, for the unknowns that move.
public struct StackedRows<Jacobian: LinearOperator>: LinearOperator {
  public let jacobian: Jacobian
  public let weights: [Double]
  /// Which unknowns take part.
  public let moves: [Bool]

  public init(jacobian: Jacobian, weights: [Double], moves: [Bool]) {
    (self.jacobian, self.weights, self.moves) = (jacobian, weights, moves)
  }

  public var rows: Int { jacobian.rows + weights.count }
  public var columns: Int { jacobian.columns }

  public func product(_ vector: [Double]) throws -> [Double] {
    let moved = moving(vector)
    return try jacobian.product(moved) + zip(weights, moved).map { $0 * $1 }
  }

  public func transposedProduct(_ vector: [Double]) throws -> [Double] {
    let upper = try jacobian.transposedProduct(Array(vector.prefix(jacobian.rows)))
    return moving(upper.indices.map { upper[$0] + weights[$0] * vector[jacobian.rows + $0] })
  }

  private func moving(_ vector: [Double]) -> [Double] { zip(vector, moves).map { $1 ? $0 : 0 } }
}
