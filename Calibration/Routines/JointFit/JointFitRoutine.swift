import Catalogues
import Report
import Twin

/// Finds everything together that the bench file frees.
public struct JointFitRoutine: CalibrationRoutine {
  public static let declaration = Declaration("twin", "all parameters that the bench file frees, found together")
  public static let needs: [ProductKind] = []
  public static let uses: [ProductKind] = [.camera, .registration, .response, .source]
  public static let gives = ProductKind.twin

  public static func check(_ bench: StatedBench) throws {
    guard !bench.parameters.free.isEmpty else { throw CalibrationError.nothingFree(routine: name) }
  }

  public var squares: SquareFit

  public init(seed: UInt64) { squares = SquareFit(seed: seed) }

  public func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? {
    measured.isEmpty ? squares.plan(for: bench) : nil
  }

  public func fit(
    _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> SquareFit.Outcome {
    try squares.outcome(measured[0], on: bench, free: bench.parameters.free.map(\.name), work)
  }

  public func content(of outcome: SquareFit.Outcome) -> ProductContent { .twin(outcome.fit.parameters) }

  public func posterior(of outcome: SquareFit.Outcome) -> Posterior { squares.posterior(of: outcome) }

  public func report(on outcome: SquareFit.Outcome) -> RoutineReport { squares.report(on: outcome) }

  public func figures(
    of outcome: SquareFit.Outcome, _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> [Figure] { try squares.figures(measured[0], on: bench, work) }
}
