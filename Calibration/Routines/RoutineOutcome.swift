import Concurrency
import Report

/// What a routine made of a bench.
public struct RoutineOutcome: Sendable, Equatable {
  public var routine: String
  public var content: ProductContent
  public var posterior: Posterior
  public var report: RoutineReport
  public var figures: [Figure]

  /// - Throws: ``CalibrationError/notAccepted(verdict:suspicions:)``
  public func accepted() throws(CalibrationError) -> RoutineOutcome {
    guard report.isAccepted else {
      throw .notAccepted(verdict: report.verdict?.words ?? "", suspicions: report.suspicions)
    }
    return self
  }
}

extension CalibrationRoutine {
  /// Plans, acquires, fits and reports.
  ///
  /// - Throws: ``CalibrationError``, and what the bench and the twin throw.
  public func run(
    on bench: CalibratedBench, _ acquisition: inout Acquisition, _ work: RoutineWork = RoutineWork()
  ) async throws -> RoutineOutcome {
    try Self.check(bench.stated)
    let missing = Self.missing(in: Set(bench.products.map(\.kind)))
    guard missing.isEmpty else { throw CalibrationError.needs(missing, routine: Self.name) }
    var measured: [Plan.Acquired] = []
    while let plan = try plan(for: bench, after: measured) {
      work.progress(.acquire, 0, plan.frames)
      measured.append(try await plan.acquire(by: &acquisition) { work.progress(.acquire, $0, plan.frames) })
    }
    let (all, fitting) = (measured, self)
    return try await computing {
      let fit = try fitting.fit(all, on: bench, work)
      let (content, report) = (fitting.content(of: fit), fitting.report(on: fit))
      let drawn = try fitting.figures(of: fit, all, on: bench.knowing(content), work)
      return RoutineOutcome(
        routine: Self.name, content: content, posterior: fitting.posterior(of: fit), report: report,
        figures: drawn + ZernikeBars.figures(of: report.estimates))
    }
  }
}
