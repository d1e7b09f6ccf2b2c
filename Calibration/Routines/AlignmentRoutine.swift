import Arrays
import Optics
import Twin

/// Finds the alignment parameters of a bench from frames of random π squares: plan, acquire, fit, report.
///
/// It starts from the twin's present parameters (zero angles when nothing is known: angles that are too large let the
/// light leave the layers), and its result counts only when frames that the fit has not seen agree with it.
public struct AlignmentRoutine: Sendable {
  /// Frames that are fitted, and frames that are kept apart for the verdict.
  public var fitted = 16
  public var heldOut = 8
  /// The pyramid's standard deviations in pixels of the detector; a last stage without blur follows.
  public var blurs = [8.0, 4, 2]
  /// Samples of the twin along each side of a layer pixel in the last stage and in the verdict. The sharp edges of the
  /// squares need more than the smooth layers of a trained unit.
  public var sampling = 2
  /// The largest Pearson discrepancy on the held-out frames with which the result is accepted.
  public var acceptance = 0.05
  public var seed: UInt64

  public init(seed: UInt64 = 1) { self.seed = seed }

  /// What the routine is doing.
  public enum Phase: String, Sendable { case acquire, fit }

  /// Frames to take and stages to fit, for progress.
  public var frames: Int { fitted + heldOut }
  public var stages: Int { blurs.count + 2 }

  /// Calibrates `twin` on `unit`.
  ///
  /// - Parameter progress: what is done, and how many frames or stages of it.
  public func run(
    on unit: any OpticalUnit, twin: Twin<Double>, progress: @escaping @Sendable (Phase, Int) -> Void = { _, _ in }
  ) async throws -> AlignmentReport {
    let geometry = twin.description.geometry
    let plan = SquarePatterns(layers: geometry.layers, grid: geometry.grid)
    let random = CounterRandom(seed: seed)
    let patterns = (0..<fitted + heldOut).map { plan.pattern($0, random: random) }
    let size = twin.description.input.size
    let input = Stack<Float>(count: 1, height: size, width: size, repeating: 1)
    let acquired = try await acquire(patterns, input, on: unit) { progress(.acquire, $0) }
    return try await computing { [self] in
      try fit(twin, patterns.map { $0.converted() }, input.converted(), acquired) { progress(.fit, $0) }
    }
  }

  /// Takes a frame of every pattern, with less light when the brightest spot of a frame saturates the camera: clipped
  /// frames would pull the fit aside.
  private func acquire(
    _ patterns: [Stack<Float>], _ input: Stack<Float>, on unit: any OpticalUnit, progress: (Int) -> Void
  ) async throws -> Acquisition {
    var acquisition = Acquisition(frames: Stack(count: 0, height: 0, width: 0), taken: 0)
    var level: Float = 1
    while true {
      let frames = try await acquire(
        patterns, input, level: level, on: unit, taken: &acquisition.taken, progress: progress)
      if let frames {
        acquisition.frames = frames
        return acquisition
      }
      level *= 0.8
      guard level > 0.1 else { throw CalibrationError.saturated }
    }
  }

  /// Frames, and how many were taken for them, those that saturated included.
  private struct Acquisition {
    var frames: Stack<Double>
    var taken: Int
  }

  /// - Returns: nil when a frame saturates.
  private func acquire(
    _ patterns: [Stack<Float>], _ input: Stack<Float>, level: Float, on unit: any OpticalUnit, taken: inout Int,
    progress: (Int) -> Void
  ) async throws -> Stack<Double>? {
    var dimmed = input
    for index in dimmed.values.indices { dimmed.values[index] *= level }
    var values: [Double] = []
    var shape = (height: 0, width: 0)
    for (index, pattern) in patterns.enumerated() {
      try Task.checkCancellation()
      let frame = try await unit.measure(layers: pattern, inputs: dimmed, block: 1)
      taken += 1
      if let limit = unit.saturation, frame.values.contains(where: { $0 >= limit }) { return nil }
      shape = (frame.height, frame.width)
      values += frame.values.map { Double($0) }
      progress(index + 1)
    }
    return Stack(count: patterns.count, height: shape.height, width: shape.width, values: values)
  }

  private func fit(
    _ twin: Twin<Double>, _ patterns: [Stack<Double>], _ input: Stack<Double>, _ acquired: Acquisition,
    progress: (Int) -> Void
  ) throws -> AlignmentReport {
    let frames = acquired.frames
    let fit = AlignmentFit(patterns: Array(patterns[..<fitted]), input: input, frames: frames.planes(0..<fitted))
    let judge = AlignmentFit(
      patterns: Array(patterns[fitted...]), input: input, frames: frames.planes(fitted..<frames.count))
    func sampled(_ sampling: Int) throws -> Twin<Double> {
      var description = twin.description
      description.geometry.sampling = sampling
      return try Twin<Double>(description, parameters: twin.parameters, threads: twin.threads)
    }
    let coarse = try sampled(1)
    let fine = try sampled(max(sampling, twin.description.geometry.sampling))
    let before = try judge.discrepancy(fine)
    // A second attempt, from the nominal values through a wider pyramid, when the first ends in a local minimum.
    var nominal = twin.parameters
    for parameter in TwinParameters(nominalFor: twin.description.geometry).all {
      nominal[parameter.name] = parameter.value
    }
    let attempts = [(twin.parameters, blurs), (nominal.clamped(), [2 * (blurs.first ?? 8)] + blurs)]
    // The start is a candidate, too: a bench that was well calibrated must not get worse.
    var best = (
      solution: AlignmentFit.Solution(parameters: twin.parameters, covariance: [], iterations: 0), after: before
    )
    for (start, pyramid) in attempts {
      let stages =
        pyramid.map { AlignmentFit.Stage(blur: $0, twin: coarse, iterations: 8) }
        + [coarse, fine].map { AlignmentFit.Stage(blur: 0, twin: $0, iterations: 8) }
      let solution = try fit.solve(from: start, stages: stages) { progress(min($0, self.stages)) }
      let after = try judge.discrepancy(fine.with(solution.parameters))
      best.solution.covariance = solution.covariance
      if after.pearson < best.after.pearson { best = (solution, after) }
      if after.pearson <= acceptance { break }
    }
    return AlignmentReport(
      start: twin.parameters, solution: best.solution, before: before, after: best.after,
      acceptance: acceptance, frames: acquired.taken)
  }
}
