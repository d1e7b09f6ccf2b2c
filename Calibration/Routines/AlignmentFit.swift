import Arrays
import Optics
import Synchronization
import Twin

/// Fits the alignment parameters of a twin to frames of known layer patterns.
///
/// The residual of a frame is (a·y − d)/σ(d) with the best gain a, so that neither the laser's power nor the camera's scale
/// plays a part. The fit runs through a pyramid of blurred frames, widest first, which widens its basin to several
/// milliradians; it is accepted or not on frames that it has not seen.
struct AlignmentFit: Sendable {
  /// Layer patterns, each `[layers, grid, grid]`.
  let patterns: [Stack<Double>]
  /// The image on the beam.
  let input: Stack<Double>
  /// The frame of each pattern, one sample per grid sample, `[pattern, height, width]`.
  let frames: Stack<Double>

  /// One level of the pyramid: the standard deviation of the blur in pixels, 0 for none, and the twin that computes it.
  /// Blurred frames need no finely sampled twin.
  struct Stage: Sendable {
    let blur: Double
    let twin: Twin<Double>
    let iterations: Int
  }

  struct Solution: Sendable {
    var parameters: TwinParameters
    /// Covariance in units of the parameters' scales, row-major.
    var covariance: [Double]
    var iterations: Int
  }

  /// - Parameter progress: called with the number of stages done.
  func solve(
    from start: TwinParameters, stages: [Stage], progress: (_ done: Int) -> Void
  ) throws -> Solution {
    var parameters = start
    var covariance: [Double] = []
    var used = 0
    for (index, stage) in stages.enumerated() {
      try Task.checkCancellation()
      let blur = GaussianBlur(sigma: stage.blur)
      let targets = (0..<frames.count).map { frame in
        Target(blur(Array(frames.values[frames.range(ofPlane: frame)]), width: frames.width))
      }
      var fit = LevenbergMarquardt()
      fit.maximumIterations = stage.iterations
      fit.tolerance = stage.blur > 0 ? 1e-3 : 1e-6
      let scaled = parameters.all
      let result = try fit.minimise(
        from: scaled.map { $0.value / $0.scale }, bounds: scaled.map { $0.minimum / $0.scale...$0.maximum / $0.scale }
      ) { values in
        try Task.checkCancellation()
        let prior = zip(values, start.all).map { Self.priorWeight * ($0 * $1.scale - $1.value) / $1.prior }
        return try residuals(stage.twin.with(Self.set(values, in: parameters)), targets, blur) + prior
      }
      parameters = Self.set(result.values, in: parameters)
      used += result.iterations
      let degrees = Double(max(1, frames.values.count - scaled.count))
      let variance = 2 * result.cost / degrees
      covariance = (Cholesky(result.curvature, order: scaled.count)?.inverse ?? []).map { $0 * variance }
      progress(index + 1)
    }
    return Solution(parameters: parameters, covariance: covariance, iterations: used)
  }

  /// How far a twin is from the frames.
  func discrepancy(_ twin: Twin<Double>) throws -> Discrepancy { Discrepancy(try computed(twin), frames) }

  /// What is known beforehand counts like one pixel with this much noise: it decides only what the frames leave open.
  private static let priorWeight = 0.02

  private static func set(_ values: [Double], in parameters: TwinParameters) -> TwinParameters {
    var result = parameters
    for (value, parameter) in zip(values, parameters.all) { result[parameter.name] = value * parameter.scale }
    return result
  }

  /// A measured frame, prepared for residuals.
  private struct Target {
    let values: [Double]
    let deviation: Double

    init(_ values: [Double]) {
      self.values = values
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      deviation = max(variance.squareRoot(), .leastNormalMagnitude)
    }
  }

  private func residuals(_ twin: Twin<Double>, _ targets: [Target], _ blur: GaussianBlur) throws -> [Double] {
    let computed = try computed(twin)
    return targets.enumerated().flatMap { index, target in
      let frame = blur(Array(computed.values[computed.range(ofPlane: index)]), width: computed.width)
      var product = 0.0
      var square = 0.0
      for (y, d) in zip(frame, target.values) {
        product += y * d
        square += y * y
      }
      let gain = square > 0 ? product / square : 0
      return zip(frame, target.values).map { (gain * $0 - $1) / target.deviation }
    }
  }

  /// The twin's frames of all patterns, patterns in parallel.
  private func computed(_ twin: Twin<Double>) throws -> Stack<Double> {
    let results = Mutex<[Int: Swift.Result<Stack<Double>, any Error>]>([:])
    concurrently(patterns.count, threads: twin.threads) { index in
      let result = Swift.Result { try twin.forward(layers: patterns[index], inputs: input, block: 1) }
      results.withLock { $0[index] = result.mapError { $0 } }
    }
    let frames = try results.withLock { results in
      try patterns.indices.map { index in
        guard let result = results[index] else { throw CancellationError() }
        return try result.get()
      }
    }
    return Stack(
      count: frames.count, height: frames.first?.height ?? 0, width: frames.first?.width ?? 0,
      values: frames.flatMap(\.values))
  }
}
