import Glibc

/// Adam (Kingma and Ba 2015) for bounded unknowns, with a rate that falls along a cosine. Needs gradients only, so its
/// cost does not grow with the number of unknowns. Unknowns should be scaled to change by about one.
public struct BoundedAdam: Sendable {
  /// Steps at most.
  public var iterations = 200
  /// The first rate, in units of the unknowns; the last one is a fiftieth of it.
  public var rate = 0.3
  /// How much of the mean gradient a step keeps.
  public var beta1 = 0.9
  /// How much of the mean squared gradient a step keeps.
  public var beta2 = 0.99

  public init() {}

  /// Where the search ended.
  public struct Result: Sendable, Equatable {
    /// The unknowns at the lowest loss that was met.
    public var values: [Double]
    /// That loss.
    public var loss: Double
    /// Steps that were taken.
    public var iterations: Int
  }

  /// The lowest point that was met, the start included.
  ///
  /// - Parameters:
  ///   - bounds: where each unknown must stay.
  ///   - gradient: the loss at the given unknowns and its derivative by each of them.
  ///   - progress: called after every step with the number of steps and the loss.
  public func minimise(
    from start: [Double], bounds: [ClosedRange<Double>],
    progress: (_ iterations: Int, _ loss: Double) throws -> Void = { _, _ in },
    gradient: (_ values: [Double]) throws -> (loss: Double, slope: [Double])
  ) throws -> Result {
    var values = zip(start, bounds).map { min(max($0, $1.lowerBound), $1.upperBound) }
    var best = Result(values: values, loss: .infinity, iterations: 0)
    var mean = [Double](repeating: 0, count: values.count)
    var square = mean
    var taken = 0
    for step in 0...iterations {
      let (loss, slope) = try gradient(values)
      if loss < best.loss { (best.values, best.loss) = (values, loss) }
      try progress(step, loss)
      guard step < iterations, loss.isFinite else { break }
      let rate = rate * (0.02 + 0.98 * (1 + cos(.pi * Double(step) / Double(iterations))) / 2)
      for index in values.indices {
        mean[index] = beta1 * mean[index] + (1 - beta1) * slope[index]
        square[index] = beta2 * square[index] + (1 - beta2) * slope[index] * slope[index]
        let direction = mean[index] / (1 - pow(beta1, Double(step + 1)))
        let size = (square[index] / (1 - pow(beta2, Double(step + 1)))).squareRoot() + 1e-12
        values[index] = min(
          max(values[index] - rate * direction / size, bounds[index].lowerBound), bounds[index].upperBound)
      }
      taken += 1
    }
    best.iterations = taken
    return best
  }
}
