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
  /// Samples of the twin along each side of a layer pixel in the last stage and in the verdict. The sharp edges of the
  /// squares need more than the smooth layers of a trained unit.
  public var sampling = 2
  /// Where the priors of the parameters stand; at the twin's present values when nil. What is known before any calibration
  /// stays where it is when a bench is calibrated again.
  public var believed: TwinParameters?
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

  /// Frames to take: one more than the patterns, the first of which is taken twice and so tells the noise.
  public var frames: Int { fitted + heldOut + 1 }

  /// Calibrates `twin` on `unit`.
  ///
  /// - Parameter progress: what is done, how many frames, stages or trials of it, and how many there are.
  public func run(
    on unit: any OpticalUnit, twin: Twin<Double>,
    progress: @escaping @Sendable (Phase, Int, Int) -> Void = { _, _, _ in }
  ) async throws -> AlignmentReport {
    let geometry = twin.description.geometry
    let patterns = SquarePatterns(layers: geometry.layers, grid: geometry.grid).series(fitted + heldOut, seed: seed)
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
    var taken = 0
    var level: Float = 1
    while true {
      // The first pattern once more: what differs between its two frames is noise.
      let frames = try await acquire(
        patterns + patterns.prefix(1), input, level: level, on: unit, taken: &taken, progress: progress)
      if let frames {
        return Acquisition(
          frames: frames.planes(0..<patterns.count), taken: taken,
          noise: FrameNoise(
            of: Array(frames.values[frames.range(ofPlane: 0)]),
            and: Array(frames.values[frames.range(ofPlane: patterns.count)])))
      }
      level *= 0.8
      guard level > 0.1 else { throw CalibrationError.saturated }
    }
  }

  /// Frames, and how many were taken for them, those that saturated included.
  private struct Acquisition {
    var frames: Stack<Double>
    var taken: Int
    var noise: FrameNoise
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
      patterns: patterns, inputs: input, frames: acquired.frames, block: 1, heldOut: Array(fitted..<patterns.count),
      noise: acquired.noise)
    var description = twin.description
    description.geometry.sampling = max(sampling, description.geometry.sampling)
    let twin = try Twin<Double>(description, parameters: twin.parameters, threads: twin.threads)
    var options = FitOptions()
    options.believed = believed
    // A bench file may free parameters that no frames tell apart; their priors decide.
    options.refusesSingular = false
    let fit = try twin.fit(data, free: twin.parameters.free.map(\.name), options: options) {
      progress(.fit, $0.stage, $0.stages)
    }
    var report = AlignmentReport(fit, frames: acquired.taken)
    if !report.isAccepted {
      report.suspicions = try twin.suspicions(data, refused: report.after, orientation: orientation) {
        progress(.examine, $0, $1)
      }
    }
    return report
  }
}
