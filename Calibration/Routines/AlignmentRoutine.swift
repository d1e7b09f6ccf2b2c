import Arrays
import Concurrency
import Measuring
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
    let plan = FramePlan(
      patterns: patterns, input: Stack(count: 1, height: size, width: size, repeating: 1), heldOut: heldOut)
    var acquisition = Acquisition(on: unit)
    let acquired = try await acquisition.frames(of: plan) { progress(.acquire, $0, frames) }
    return try await computing { [self] in try fit(twin, acquired, progress) }
  }

  private func fit(
    _ twin: Twin<Double>, _ acquired: AcquiredFrames, _ progress: (Phase, Int, Int) -> Void
  ) throws -> AlignmentReport {
    let data = acquired.fitData
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
