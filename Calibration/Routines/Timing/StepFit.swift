/// How far a change had come in a part of one frame, as it was seen.
struct StepSample: Sendable, Equatable {
  /// The change that it belongs to.
  var change: Int
  /// Seconds from the presentation until this frame's exposure began, and how long it took.
  var start: Double
  var exposure: Double
  /// The middle row of this part.
  var row: Double
  /// From 0 before the change to 1 after it, and the standard deviation that the camera's noise gives it.
  var progress: Double
  var deviation: Double
}

/// The shape that samples of one direction say, by least squares.
struct StepFit: Sendable, Equatable {
  let shape: StepShape
  let latency: Found
  /// From 10 to 90 % of the light.
  let slope: Found
  /// From when the light begins to change until no more than 1 % is missing.
  let settle: Found
  /// From the presentation until then.
  let rest: Found
  /// How much later a row is exposed than the one above it, if that is why they differ; and whether they do.
  let rowDelay: Found
  let rolls: Bool
  /// Squared residuals for each degree of freedom; 1 when the camera's noise explains them.
  let chiSquare: Double
  /// Standard deviation of the latency from change to change, beyond what the noise of frames explains.
  let jitter: Double

  /// Samples that a fit needs, and where "at rest" is.
  private static let (fewest, rested) = (8, 0.99)

  /// - Parameter scale: seconds in which about everything happens.
  /// - Returns: nil with too few samples.
  init?(_ samples: [StepSample], scale: Double) {
    guard samples.count >= Self.fewest else { return nil }
    let problem = StepProblem(samples: samples, scale: scale, rows: max(1, samples.map(\.row).max() ?? 1))
    let ends = StepEnd.all(of: problem)
    guard let best = StepEnd.plainest(of: ends),
      let rolling = ends.filter({ !$0.holds(.rolling) }).min(by: { $0.cost < $1.cost })
    else { return nil }
    func found(_ function: (StepShape) -> Double) -> Found {
      best.found { function(problem.shape($0)) }
    }
    rolls = !best.holds(.rolling)
    rowDelay = (rolls ? best : rolling).found { $0[StepUnknown.rolling.rawValue] * scale / problem.rows }
    shape = problem.shape(best.values)
    latency = found { $0.latency }
    slope = found { $0.time(of: 0.9) - $0.time(of: 0.1) }
    settle = found { $0.time(of: Self.rested) - $0.latency }
    rest = found { $0.time(of: Self.rested) }
    chiSquare = best.chiSquare
    jitter = problem.jitter(at: best.values)
  }
}
