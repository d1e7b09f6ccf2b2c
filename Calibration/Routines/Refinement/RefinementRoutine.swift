import Catalogues
import Measuring
import Report
import Twin

/// Finds the free parameters again after the bench has drifted, from few frames and near what is known. The rest stays as it is.
///
/// The frames that it keeps apart are those of ``DriftProbe``: what it finds counts only when the twin predicts these better than before.
public struct RefinementRoutine: CalibrationRoutine {
  public static let declaration = Declaration(
    "refinement", "the free parameters again after a drift, near what is known and from few frames")
  public static let needs: [ProductKind] = []
  public static let startsFrom: [ProductKind] = [.twin, .alignment, .source]
  public static let uses = JointFitRoutine.uses
  public static let gives = ProductKind.twin

  public static func check(_ bench: StatedBench) throws { try JointFitRoutine.check(bench) }

  /// A fit, and how sure the parameters were that it did not move.
  public struct Outcome: Sendable {
    let squares: SquareFit.Outcome
    let known: Posterior
  }

  /// The part of the discrepancy that has to go: less is what noise makes of it.
  static let leastGain = 0.05

  public var squares: SquareFit

  public init(seed: UInt64) {
    squares = SquareFit(seed: seed)
    (squares.fitted, squares.heldOut, squares.refines) = (6, DriftProbe.patterns, true)
  }

  public func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? {
    guard measured.isEmpty else { return nil }
    var plan = squares.plan(for: bench)
    plan.patterns.replaceSubrange(squares.fitted..., with: DriftProbe.patterns(on: bench))
    return plan
  }

  public func fit(_ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork) throws -> Outcome {
    let outcome = try squares.outcome(measured[0], on: bench, free: bench.parameters.free.map(\.name), work)
    let (before, after) = (outcome.fit.before.pearson, outcome.fit.after.pearson)
    guard after < (1 - Self.leastGain) * before else { throw CalibrationError.notBetter(before: before, after: after) }
    return Outcome(squares: outcome, known: bench.posterior)
  }

  public func content(of outcome: Outcome) -> ProductContent { .twin(outcome.squares.fit.parameters) }

  public func posterior(of outcome: Outcome) -> Posterior {
    outcome.known.replaced(by: squares.posterior(of: outcome.squares))
  }

  public func report(on outcome: Outcome) -> RoutineReport { squares.report(on: outcome.squares) }

  public func figures(
    of outcome: Outcome, _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> [Figure] { try squares.figures(measured[0], on: bench, work) }
}
