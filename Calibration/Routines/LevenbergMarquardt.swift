/// Damped least squares for a handful of bounded unknowns and many residuals.
///
/// The residuals' Jacobian is taken by forward differences, so the unknowns should be scaled to change by about one.
struct LevenbergMarquardt: Sendable {
  var maximumIterations = 20
  /// Damping at the start; divided by 5 on success and multiplied by 4 on failure.
  var damping = 1e-2
  /// Largest change of an unknown in one step.
  var longestStep = 8.0
  /// Step of the forward differences.
  var difference = 1e-3
  /// Relative fall of the cost below which the fit has converged.
  var tolerance = 1e-9

  struct Result: Sendable {
    var values: [Double]
    /// ½Σr².
    var cost: Double
    /// JᵀJ at the solution, row-major.
    var curvature: [Double]
    var iterations: Int
  }

  /// - Parameters:
  ///   - bounds: where each unknown must stay.
  ///   - residuals: the residuals at given unknowns.
  func minimise(
    from start: [Double], bounds: [ClosedRange<Double>], residuals: (_ values: [Double]) throws -> [Double]
  ) throws -> Result {
    func clamp(_ values: [Double]) -> [Double] {
      zip(values, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
    }
    var values = clamp(start)
    var current = try residuals(values)
    var cost = half(current)
    var damping = damping
    var normal = try normalEquations(values, current, bounds, residuals)
    var iterations = 0
    while iterations < maximumIterations {
      iterations += 1
      guard let step = damped(normal, damping) else { break }
      let candidate = clamp(zip(values, step).map { $0 - min(max($1, -longestStep), longestStep) })
      let trial = try residuals(candidate)
      let trialCost = half(trial)
      if trialCost.isFinite, trialCost < cost {
        let gain = (cost - trialCost) / cost
        (values, current, cost) = (candidate, trial, trialCost)
        damping /= 5
        if gain < tolerance { break }
        normal = try normalEquations(values, current, bounds, residuals)
      } else {
        damping *= 4
        if damping > 1e8 { break }
      }
    }
    return Result(values: values, cost: cost, curvature: normal.curvature, iterations: iterations)
  }

  private struct NormalEquations {
    /// JᵀJ, row-major.
    var curvature: [Double]
    /// Jᵀr.
    var slope: [Double]
  }

  private func half(_ residuals: [Double]) -> Double { residuals.reduce(0) { $0 + $1 * $1 } / 2 }

  private func normalEquations(
    _ values: [Double], _ current: [Double], _ bounds: [ClosedRange<Double>],
    _ residuals: (_ values: [Double]) throws -> [Double]
  ) throws -> NormalEquations {
    let columns = try values.indices.map { index in
      var moved = values
      let step = values[index] + difference > bounds[index].upperBound ? -difference : difference
      moved[index] += step
      return zip(try residuals(moved), current).map { ($0 - $1) / step }
    }
    func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    return NormalEquations(
      curvature: columns.flatMap { first in columns.map { product(first, $0) } },
      slope: columns.map { product($0, current) })
  }

  private func damped(_ normal: NormalEquations, _ damping: Double) -> [Double]? {
    let count = normal.slope.count
    var matrix = normal.curvature
    for index in 0..<count {
      matrix[index * count + index] *= 1 + damping
      matrix[index * count + index] += 1e-12
    }
    return Cholesky(matrix, order: count)?.solve(normal.slope)
  }
}

/// The factor of a small symmetric positive definite matrix.
struct Cholesky {
  private let factor: [Double]
  private let order: Int

  /// - Returns: nil when the matrix is not positive definite.
  init?(_ matrix: [Double], order: Int) {
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

  func solve(_ right: [Double]) -> [Double] {
    var solution = right
    for row in 0..<order {
      for inner in 0..<row { solution[row] -= factor[row * order + inner] * solution[inner] }
      solution[row] /= factor[row * order + row]
    }
    for row in (0..<order).reversed() {
      for inner in row + 1..<max(order, row + 1) { solution[row] -= factor[inner * order + row] * solution[inner] }
      solution[row] /= factor[row * order + row]
    }
    return solution
  }

  /// The inverse, row-major.
  var inverse: [Double] {
    let columns = (0..<order).map { column in solve((0..<order).map { $0 == column ? 1 : 0 }) }
    return (0..<order).flatMap { row in columns.map { $0[row] } }
  }
}
