import Catalogues
import Report
import Twin

/// Finds how the light passes the bench as a whole: gap or spacing, and the angles of mirror and beam. Everything else stays as it is known.
public struct AlignmentRoutine: CalibrationRoutine {
  public static let declaration = Declaration("alignment", "gap or spacing, and the angles of mirror and beam")
  public static let needs: [ProductKind] = []
  public static let uses: [ProductKind] = [.camera, .registration, .response, .source, .twin]
  public static let gives = ProductKind.alignment
  public static let coveredBy: [ProductKind] = [.twin]

  public static func check(_ bench: StatedBench) throws {
    guard !free(of: bench.parameters).isEmpty else { throw CalibrationError.nothingFree(routine: name) }
  }

  public var squares: SquareFit

  public init(seed: UInt64) { squares = SquareFit(seed: seed) }

  public func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) -> FramePlan? {
    measured.isEmpty ? squares.plan(for: bench) : nil
  }

  public func fit(
    _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> SquareFit.Outcome {
    try squares.outcome(measured[0], on: bench, free: Self.free(of: bench.parameters), work)
  }

  public func content(of outcome: SquareFit.Outcome) -> ProductContent {
    .alignment(ParameterValues(outcome.fit.entries.map(\.name), of: outcome.fit.parameters))
  }

  public func posterior(of outcome: SquareFit.Outcome) -> Posterior { squares.posterior(of: outcome) }

  public func report(on outcome: SquareFit.Outcome) -> RoutineReport { squares.report(on: outcome) }

  public func figures(
    of outcome: SquareFit.Outcome, _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> [Figure] { try squares.figures(measured[0], on: bench, work) }

  private static func free(of parameters: TwinParameters) -> [String] {
    parameters.free.filter { $0.group == .alignment }.map(\.name)
  }
}
