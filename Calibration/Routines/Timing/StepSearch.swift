import Fitting

/// The unknowns of a step: latency, ramp and lag in units of a scale, and how much of it the last row is exposed after the first one.
enum StepUnknown: Int, CaseIterable {
  case latency, ramp, lag, rolling
}

/// Where a search for a step's shape ended that left some unknowns out.
struct StepEnd {
  let values: [Double]
  let held: [StepUnknown]
  /// ½Σr², and Σr² for each degree of freedom.
  let cost: Double
  let chiSquare: Double
  /// Of all unknowns; zeros for those that were held.
  let covariance: [Double]

  /// What ½Σr² must fall by for one more unknown, in units of what the noise makes of it.
  private static let worth = 5.0
  /// The first start is nearly a straight line, the second an exponential, the third a late and short change; none is sure to be near.
  private static let starts = [[0.1, 0.8, 0.05, 0], [0.1, 0.1, 0.3, 0], [0.4, 0.2, 0.05, 0]]

  func holds(_ unknown: StepUnknown) -> Bool { held.contains(unknown) }

  /// One for each choice of unknowns, the plainest first.
  static func all(of problem: StepProblem) -> [StepEnd] {
    let choices: [[StepUnknown]] = [[.lag, .rolling], [.ramp, .rolling], [.rolling], [.lag], [.ramp], []]
    return choices.compactMap { StepEnd(of: problem, holding: $0) }
  }

  /// The end with the fewest unknowns that frames do not clearly refute: what they hardly tell would make all others less sure.
  static func plainest(of ends: [StepEnd]) -> StepEnd? {
    var best = ends.first
    for end in ends.dropFirst() {
      guard let present = best else { continue }
      let price = worth * max(1, end.chiSquare) * Double(present.held.count - end.held.count)
      if end.cost + price < present.cost { best = end }
    }
    return best
  }

  init?(of problem: StepProblem, holding held: [StepUnknown]) {
    var bounds = StepProblem.bounds
    for unknown in held {
      let value = max(0, bounds[unknown.rawValue].lowerBound)
      bounds[unknown.rawValue] = value...value
    }
    var search = LevenbergMarquardt()
    (search.maximumIterations, search.longestStep) = (60, 0.3)
    let ends = Self.starts.compactMap { try? search.minimise(problem, from: $0, bounds: bounds) }
    guard let best = ends.min(by: { $0.cost < $1.cost }), best.cost.isFinite else { return nil }
    let free = StepUnknown.allCases.filter { !held.contains($0) }.map(\.rawValue)
    (values, cost, self.held) = (best.values, best.cost, held)
    chiSquare = 2 * best.cost / Double(problem.samples.count - free.count)
    covariance = Self.covariance(
      problem.normalEquations(at: best.values), of: free, scaledBy: max(1, chiSquare))
  }

  /// The inverse of the curvature of some unknowns. What has no effect where it stands gets a wide belief instead of an infinite one.
  private static func covariance(_ normal: NormalEquations, of free: [Int], scaledBy factor: Double) -> [Double] {
    let all = normal.unknowns
    var covariance = [Double](repeating: 0, count: all * all)
    var part = free.flatMap { row in free.map { normal.curvature[row * all + $0] } }
    for index in free.indices { part[index * (free.count + 1)] += 1 }
    guard let inverse = Cholesky(part, order: free.count)?.inverse else { return covariance }
    for (row, unknown) in free.enumerated() {
      for (column, other) in free.enumerated() {
        covariance[unknown * all + other] = factor * inverse[row * free.count + column]
      }
    }
    return covariance
  }

  /// A function of the unknowns, with what their covariance makes of it.
  func found(_ function: ([Double]) -> Double) -> Found {
    let slopes = values.indices.map { StepProblem.difference(values, $0, function) }
    var variance = 0.0
    for row in slopes.indices {
      for column in slopes.indices {
        variance += slopes[row] * slopes[column] * covariance[row * slopes.count + column]
      }
    }
    return Found(value: function(values), deviation: max(0, variance).squareRoot())
  }
}
