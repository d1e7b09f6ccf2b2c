import Arrays
import Measuring
import Report
import Twin

/// Frames of random squares, and a fit of the twin to them.
///
/// It starts from the bench's present parameters (zero angles when nothing is known: angles that are too large let the light leave the
/// layers), and its result counts only when frames that the fit has not seen agree with it.
public struct SquareFit: Sendable {
  /// Frames that are fitted, and frames that are kept apart for the verdict.
  public var fitted = 16
  public var heldOut = 8
  /// How many of the patterns have grey levels, half when nil; the others show 0 and π alone.
  public var grey: Int?
  /// Samples of the twin along each side of a layer pixel in the last stage and in the verdict. The sharp edges of the squares need more
  /// than the smooth layers of a trained unit.
  public var sampling = Self.sampling
  /// Whether it starts where the bench is known to be nearly, and believes that.
  public var refines = false
  public var seed: UInt64

  static let sampling = 2

  public init(seed: UInt64) { self.seed = seed }

  /// A fit, and what it took.
  public struct Outcome: Sendable {
    public let fit: FitReport
    /// Frames taken, those that saturated and were taken again with less light included.
    public let frames: Int
    /// What may be wrong with the bench when the result is not accepted, the likeliest first.
    public let suspicions: [Suspicion]

    /// Whether the twin suffices and no parameter is at its bound; a result that is not accepted must not be used.
    public var isAccepted: Bool { fit.verdict.isSufficient }
  }

  /// The frames to take; the first pattern is taken twice and so tells the noise.
  func plan(for bench: CalibratedBench) -> FramePlan {
    let geometry = bench.description.geometry
    return FramePlan(
      patterns: SquarePatterns(layers: geometry.layers, grid: geometry.grid).series(
        fitted + heldOut, seed: seed, grey: grey),
      input: bench.whiteImage, heldOut: heldOut)
  }

  /// - Parameter free: the parameters to find.
  func outcome(
    _ measured: AcquiredFrames, on bench: CalibratedBench, free: [String], _ work: RoutineWork
  ) throws -> Outcome {
    let data = bench.fitData(of: measured)
    let twin = try bench.twin(sampling: sampling, threads: work.threads)
    var options = FitOptions()
    // What is known before any calibration stays where it is when a bench is calibrated again.
    options.believed = refines ? bench.parameters : bench.stated.parameters
    if refines {
      options.stages = [FitStage(blur: 2, sampling: 1, iterations: 6), FitStage(sampling: sampling, iterations: 10)]
    }
    options.considered = bench.stated.considered
    // A bench file may free parameters that no frames tell apart; their priors decide.
    options.refusesSingular = false
    let fit = try twin.fit(data, free: free, options: options) { work.progress(.fit, Int(100 * $0.part), 100) }
    let suspicions =
      fit.verdict.isSufficient || refines
      ? []
      : try twin.suspicions(data, refused: fit.after, orientation: bench.orientation) {
        work.progress(.examine, $0, $1)
      }
    return Outcome(fit: fit, frames: measured.taken, suspicions: suspicions)
  }

  func posterior(of outcome: Outcome) -> Posterior {
    Posterior(names: outcome.fit.entries.map(\.name), covariance: outcome.fit.covariance)
  }

  func report(on outcome: Outcome) -> RoutineReport {
    let fit = outcome.fit
    return RoutineReport(
      estimates: fit.entries, before: fit.before, after: fit.after, verdict: fit.verdict, noiseRatio: fit.noiseRatio,
      weaknesses: fit.identifiability.weaknesses.map(\.words), untouched: fit.untouched, frames: outcome.frames,
      fitted: fitted, heldOut: heldOut, iterations: fit.iterations, suspicions: outcome.suspicions.map(\.words))
  }

  func figures(_ measured: AcquiredFrames, on bench: CalibratedBench, _ work: RoutineWork) throws -> [Figure] {
    try FrameFigures(measured, on: bench, sampling: sampling, threads: work.threads).figures
  }
}
