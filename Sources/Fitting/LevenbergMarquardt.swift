/// Damped least squares for bounded unknowns and many residuals (Marquardt, J. SIAM 11, 431 (1963)).
///
/// Unknowns should be scaled to change by about one. An unknown that stands at a bound and is pushed against it does not
/// take part in a step.
public struct LevenbergMarquardt: Sendable {
  /// Steps that lower the cost at most. Each needs one set of derivatives; a step that fails costs one evaluation.
  public var maximumIterations = 20
  /// Damping at the start; divided by 8 on success and multiplied by 4 on failure.
  public var damping = 1e-2
  /// Added to the diagonal of JᵀJ, in units of its mean: keeps steps along ridges short.
  public var ridge = 1e-12
  /// Largest change of an unknown in one step.
  public var longestStep = 8.0
  /// Relative fall of the cost below which the fit has converged.
  public var tolerance = 1e-9
  /// Steps for which the curvature is used once more, with a slope of its own, where the problem offers one.
  public var reuses = 0

  public init() {}

  /// Where the search ended.
  public struct Result: Sendable, Equatable {
    /// The unknowns at the lowest cost that was met.
    public var values: [Double]
    /// ½Σr².
    public var cost: Double
    /// At the last point where they were computed in full.
    public var normal: NormalEquations
    /// Steps that lowered the cost.
    public var iterations: Int
  }

  /// The lowest point that is found from `start`; never one that is higher.
  ///
  /// - Parameters:
  ///   - bounds: where each unknown must stay.
  ///   - progress: called after every step with the number of steps and the cost.
  public func minimise(
    _ problem: some LeastSquaresProblem, from start: [Double], bounds: [ClosedRange<Double>],
    progress: (_ iterations: Int, _ cost: Double) throws -> Void = { _, _ in }
  ) throws -> Result {
    var values = clamp(start, bounds)
    var complete = try problem.normalEquations(at: values)
    var normal = complete
    var cost = normal.cost
    var damping = damping
    var iterations = 0
    var reused = 0
    while iterations < maximumIterations, damping < 1e8 {
      let step = step(normal, damping, values, bounds)
      let candidate = clamp(zip(values, step).map { $0 - min(max($1, -longestStep), longestStep) }, bounds)
      let trial = candidate == values ? .infinity : try problem.cost(at: candidate)
      let gain = trial < cost ? (cost - trial) / cost : 0
      if gain > 0 {
        iterations += 1
        (values, cost) = (candidate, trial)
        damping = max(damping / 8, 1e-9)
        try progress(iterations, cost)
      }
      // An old curvature is no reason to give up, nor to believe that the end is reached.
      if reused > 0, gain < tolerance, iterations < maximumIterations {
        complete = try problem.normalEquations(at: values)
        (normal, reused) = (complete, 0)
        continue
      }
      if gain <= 0 {
        if candidate == values { break }
        damping *= 4
        continue
      }
      if gain < tolerance || iterations == maximumIterations { break }
      if reused < reuses, let slope = try problem.slope(at: values) {
        normal.slope = slope
        reused += 1
      } else {
        complete = try problem.normalEquations(at: values)
        (normal, reused) = (complete, 0)
      }
    }
    return Result(values: values, cost: cost, normal: complete, iterations: iterations)
  }

  private func clamp(_ values: [Double], _ bounds: [ClosedRange<Double>]) -> [Double] {
    zip(values, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
  }

  private func step(
    _ normal: NormalEquations, _ damping: Double, _ values: [Double], _ bounds: [ClosedRange<Double>]
  ) -> [Double] {
    let all = normal.unknowns
    let moving = (0..<all).filter { index in
      !(values[index] <= bounds[index].lowerBound && normal.slope[index] > 0)
        && !(values[index] >= bounds[index].upperBound && normal.slope[index] < 0)
    }
    let trace = moving.reduce(0) { $0 + normal.curvature[$1 * all + $1] }
    let floor = ridge * trace / Double(max(1, moving.count))
    var matrix = moving.flatMap { row in moving.map { normal.curvature[row * all + $0] } }
    for index in moving.indices {
      matrix[index * moving.count + index] *= 1 + damping
      matrix[index * moving.count + index] += max(floor, .leastNormalMagnitude)
    }
    guard !moving.isEmpty,
      let part = Cholesky(matrix, order: moving.count)?.solve(moving.map { normal.slope[$0] })
    else { return [Double](repeating: 0, count: all) }
    var step = [Double](repeating: 0, count: all)
    for (index, value) in zip(moving, part) { step[index] = value }
    return step
  }
}
