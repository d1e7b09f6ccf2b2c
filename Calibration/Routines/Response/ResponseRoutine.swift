import Catalogues
import Report
import Twin

/// Finds the phase that the layers' modulator shows for every command: the curve over a turn, its slope in each region, and what pixels
/// do besides (gaps, crosstalk), on a bench whose light is known from a joint fit.
public struct ResponseRoutine: CalibrationRoutine {
  public static let declaration = Declaration(
    "response", "the phase that the layers' modulator shows for each command, region by region")
  public static let needs: [ProductKind] = [.twin]
  public static let uses: [ProductKind] = [.registration, .source, .alignment]
  /// A panel shows what it shows, however often the light is found.
  public static let parents: [ProductKind] = []
  public static let gives = ProductKind.response

  /// What a fit found, as the bench uses it.
  public struct Fit: Sendable {
    public let outcome: SquareFit.Outcome
    public let model: ResponseModel
  }

  public var squares: SquareFit

  public init(seed: UInt64) {
    squares = SquareFit(seed: seed)
    squares.fitted = 32
    squares.grey = squares.fitted + squares.heldOut
  }

  public func plan(for bench: CalibratedBench, after measured: [AcquiredFrames]) throws -> FramePlan? {
    measured.isEmpty ? squares.plan(for: bench) : nil
  }

  public func fit(_ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork) throws -> Fit {
    let outcome = try squares.outcome(measured[0], on: bench, free: free(of: bench), work)
    let found = outcome.fit.parameters
    var values = ParameterValues(outcome.fit.entries.map(\.name), of: found)
    // The curve holds them.
    for name in bench.parameters.names where Self.isOfCurve(name) { values.values[name] = 0 }
    return Fit(outcome: outcome, model: ResponseModel(curve: bench.description.response(found), parameters: values))
  }

  public func content(of fit: Fit) -> ProductContent { .response(fit.model) }

  public func posterior(of fit: Fit) -> Posterior { squares.posterior(of: fit.outcome) }

  public func report(on fit: Fit) -> RoutineReport { squares.report(on: fit.outcome) }

  public func figures(
    of fit: Fit, _ measured: [AcquiredFrames], on bench: CalibratedBench, _ work: RoutineWork
  ) throws -> [Figure] {
    try ResponseFigures(fit).figures + squares.figures(measured[0], on: bench, work)
  }

  /// The slope of the curve and its knots, the slopes of the regions, and what the modulator has besides that the file frees. The
  /// polynomial's other terms are shapes that the knots have, too.
  private func free(of bench: CalibratedBench) -> [String] {
    bench.parameters.all.filter { parameter in
      parameter.group == .modulator
        && (parameter.isFree || Self.isOfCurve(parameter.name) || parameter.name.contains("Response"))
        && !["response2", "response3"].contains(parameter.name)
    }.map(\.name)
  }

  private static func isOfCurve(_ name: String) -> Bool { name.hasPrefix("response") }
}
