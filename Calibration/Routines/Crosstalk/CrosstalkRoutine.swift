import Arrays
import Catalogues
import Measuring
import Report
import Twin

/// Finds how the phases of neighbouring pixels run together, and which part of a pixel is modulated, from fine gratings on a bench that is
/// known from a joint fit.
///
/// Pixels are taken to reach equally far to all sides, unless frames that are not fitted are predicted better by more than the error of
/// that when the sides may differ.
public struct CrosstalkRoutine: CalibrationRoutine {
  public static let declaration = Declaration(
    "crosstalk", "how far a pixel's phase reaches to its neighbours, and the part of it that is modulated")
  public static let needs: [ProductKind] = [.twin]
  public static let uses: [ProductKind] = [.camera, .registration, .response, .source, .alignment]
  /// A response that is found again says something of crosstalk and gaps, too, and less surely.
  public static let parents: [ProductKind] = [.response]
  public static let gives = ProductKind.crosstalk

  /// Two fits, and what the frames that they did not see say of them.
  public struct Outcome: Sendable {
    /// With all sides alike, and with sides that may differ.
    let even: FitReport
    let sided: FitReport
    /// What the held-out frames are predicted better by with sides that differ, and its standard error.
    let gain: (mean: Double, error: Double)
    let frames: Int

    var isSided: Bool { gain.mean > 2 * gain.error }
    var fit: FitReport { isSided ? sided : even }
  }

  /// Frames that are fitted, and that decide about the sides.
  public var fitted = GratingPatterns.Grating.all.count + 4
  public var heldOut = 6
  /// Samples of the twin along each side of a layer pixel.
  public var sampling = 2
  public var seed: UInt64

  public init(seed: UInt64) { self.seed = seed }

  public func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? {
    guard measured.isEmpty else { return nil }
    let geometry = bench.description.geometry
    return FramePlan(
      patterns: GratingPatterns(layers: geometry.layers, grid: geometry.grid).series(fitted + heldOut, seed: seed),
      input: bench.whiteImage, heldOut: heldOut)
  }

  public func fit(
    _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> Outcome {
    let data = bench.fitData(of: measured[0])
    var twin = try bench.twin(sampling: sampling, threads: work.threads)
    var parameters = twin.parameters
    for name in Self.sides { parameters[name] = bench.stated.parameters[name] }
    twin = try twin.with(parameters)
    let even = try search(twin, data, Self.common, bench) { work.progress(.fit, Int(50 * $0), 100) }
    twin = try twin.with(even.parameters)
    let sided = try search(twin, data, Self.common + Self.sides, bench) { work.progress(.fit, 50 + Int(50 * $0), 100) }
    return Outcome(
      even: even, sided: sided, gain: try gain(from: twin, to: twin.with(sided.parameters), data),
      frames: measured[0].taken)
  }

  private func search(
    _ twin: Twin<Double>, _ data: FitData, _ names: [String], _ bench: CalibratedBench,
    _ progress: @escaping @Sendable (Double) -> Void
  ) throws -> FitReport {
    var options = FitOptions()
    options.stages = [FitStage(sampling: sampling, iterations: 10)]
    options.believed = bench.stated.parameters
    options.considered = bench.stated.considered
    options.refusesSingular = false
    return try twin.fit(data, free: names, options: options) { progress($0.part) }
  }

  /// What held-out frames are predicted better by, on average, and the standard error of that.
  private func gain(
    from old: Twin<Double>, to new: Twin<Double>, _ data: FitData
  ) throws -> (mean: Double, error: Double) {
    let gains = try data.heldOut.map { frame in
      func discrepancy(_ twin: Twin<Double>) throws -> Double {
        let expected = try twin.forward(layers: data.patterns[frame], inputs: data.inputs, block: data.block)
        return Discrepancy(expected, data.frames.planes(at: [frame])).pearson
      }
      return try discrepancy(old) - discrepancy(new)
    }
    let count = Double(gains.count)
    let mean = gains.reduce(0, +) / count
    let squares = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / (count * (count - 1))).squareRoot())
  }

  static let common = ["crosstalk", "fillFactor", "zeroOrderPhase", "response1"]
  static let sides = ["crosstalkAspect", "crosstalkSkewX", "crosstalkSkewY"]

  public func content(of outcome: Outcome) -> ProductContent {
    .crosstalk(ParameterValues(Self.common + Self.sides, of: outcome.fit.parameters))
  }

  public func posterior(of outcome: Outcome) -> Posterior {
    Posterior(names: outcome.fit.entries.map(\.name), covariance: outcome.fit.covariance)
  }

  public func report(on outcome: Outcome) -> RoutineReport {
    CrosstalkWords(outcome, fitted: fitted, heldOut: heldOut).report
  }

  public func figures(
    of outcome: Outcome, _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> [Figure] {
    try FrameFigures(measured[0], on: bench, sampling: sampling, threads: work.threads).figures
  }
}
