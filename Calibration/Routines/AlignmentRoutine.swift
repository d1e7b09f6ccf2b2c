import Arrays
import Optics
import Twin

/// Finds what is free of a bench, the alignment by default, from frames of random squares: plan, acquire, fit, report.
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
  /// How the camera is believed to show the plane; the unit lays frames upright by it.
  public var orientation = Orientation.upright
  public var seed: UInt64

  public init(seed: UInt64 = 1) { self.seed = seed }

  /// What the routine is doing.
  public enum Phase: String, Sendable {
    case acquire, fit
    /// Looking for what may be wrong, after a fit that is not accepted.
    case examine
  }

  /// Frames to take and stages to fit, for progress.
  public var frames: Int { fitted + heldOut }
  public var stages: Int { blurs.count + 2 }

  /// Calibrates `twin` on `unit`.
  ///
  /// - Parameter progress: what is done, how many frames, stages or trials of it, and how many there are.
  public func run(
    on unit: any OpticalUnit, twin: Twin<Double>,
    progress: @escaping @Sendable (Phase, Int, Int) -> Void = { _, _, _ in }
  ) async throws -> AlignmentReport {
    let geometry = twin.description.geometry
    let patterns = SquarePatterns(layers: geometry.layers, grid: geometry.grid).series(frames, seed: seed)
    let size = twin.description.input.size
    let input = Stack<Float>(count: 1, height: size, width: size, repeating: 1)
    let acquired = try await acquire(patterns, input, on: unit) { progress(.acquire, $0, frames) }
    return try await computing { [self] in
      try fit(twin, patterns.map { $0.converted() }, input.converted(), acquired, progress)
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
    _ progress: (Phase, Int, Int) -> Void
  ) throws -> AlignmentReport {
    let data = FitData(
      patterns: patterns, inputs: input, frames: acquired.frames, block: 1, heldOut: Array(fitted..<patterns.count))
    let free = twin.parameters.free.map(\.name)
    var description = twin.description
    description.geometry.sampling = max(sampling, description.geometry.sampling)
    // A second attempt, from the nominal values through a wider pyramid, when the first ends in a local minimum.
    var nominal = twin.parameters
    for parameter in TwinParameters(nominalFor: twin.description).all where free.contains(parameter.name) {
      nominal[parameter.name] = parameter.value
    }
    let attempts = [(twin.parameters, blurs), (nominal.clamped(), [2 * (blurs.first ?? 8)] + blurs)]
    var before: Discrepancy?
    var best: FitReport?
    for (start, pyramid) in attempts {
      var options = FitOptions()
      options.sufficientDiscrepancy = acceptance
      // A bench file may free parameters that no frames tell apart; their priors decide.
      options.refusesSingular = false
      options.stages = stages(pyramid, free: free, finest: description.geometry.sampling)
      let report = try Twin<Double>(description, parameters: start, threads: twin.threads)
        .fit(data, free: free, options: options) { progress(.fit, min($0.stage, stages), stages) }
      before = before ?? report.before
      if report.after.pearson < best?.after.pearson ?? .infinity { best = report }
      if report.after.pearson <= acceptance { break }
    }
    progress(.fit, stages, stages)
    guard let before, let best else { throw CancellationError() }
    var report = AlignmentReport(
      best, start: twin.parameters, before: before, acceptance: acceptance, frames: acquired.taken)
    if !report.isAccepted {
      report.suspicions = try Twin<Double>(description, parameters: twin.parameters, threads: twin.threads)
        .suspicions(data, refused: report.after, orientation: orientation) { progress(.examine, $0, $1) }
    }
    return report
  }

  /// The alignment alone through the pyramid, then everything that is free, first coarsely.
  private func stages(_ pyramid: [Double], free: [String], finest: Int) -> [FitStage] {
    let alignment = free.filter { TwinParameters.alignmentNames.contains($0) }
    let blurred = pyramid.map { FitStage(blur: $0, names: alignment, sampling: 1) }
    return (alignment.isEmpty ? [] : blurred) + [FitStage(sampling: 1), FitStage(sampling: finest)]
  }
}
