import Fitting
import Measuring
import Optics

/// How a fit of the source goes about it.
package struct SourceFitOptions: Sendable {
  /// Coefficients of the map along each side that are tried in this order, until a finer one does not pay.
  package var finenesses = [16, 32, 48]
  /// The part of the held-out cost that a finer map must save.
  package var worthwhile = 0.01
  /// What is believed of a coefficient of the phase in radians, and of the log amplitude.
  package var deviations = (phase: 0.3, logAmplitude: 0.1)
  /// Where the priors of named parameters stand; at the given values when nil.
  package var believed: TwinParameters?
  package var fitsOffset = false
  /// The largest held-out Pearson discrepancy of a twin that is good enough to train on.
  package var sufficientDiscrepancy = FitVerdict.sufficientDiscrepancy

  package init() {}
}

/// What a fit of the source found.
package struct SourceFitReport: Sendable {
  /// Of all parameters.
  package var parameters: TwinParameters
  /// Nil when no map does better than none.
  package var map: SourceMap?
  /// The parameters that were moved.
  package var moved: [String]
  /// The discrepancy on held-out frames for each fineness that was tried, without a map first.
  package var trials: [(fineness: Int?, heldOut: Double)]
  /// On held-out frames: with the start's values, and with the chosen fineness before the frames were fitted together.
  package var before: Discrepancy
  package var after: Discrepancy
  /// On held-out frames, for the conjugate of the found light.
  package var conjugate: Discrepancy
  /// The wavefront's low polynomials by Noll's index, tilts included, with their covariance in that order, row by row.
  package var lowOrders: [Int]
  package var covariance: [Double]
  package var verdict: FitVerdict
  package var noiseRatio: Double?
  package var iterations: Int

  /// The standard deviation of a low polynomial.
  package func deviation(_ noll: Int) -> Double? {
    lowOrders.firstIndex(of: noll).map { max(0, covariance[$0 * lowOrders.count + $0]).squareRoot() }
  }
}

/// A search for the source: named parameters first, then with a map that becomes finer as long as frames that are not fitted gain by it,
/// and at last on all frames.
package struct SourceFit {
  private let twin: Twin<Double>
  private let data: FitData
  private let moving: [TwinParameter]
  private let options: SourceFitOptions
  private let wavefront: LitWavefront
  /// The map that was given.
  private let given: SourceMap?

  /// - Parameter names: the parameters that move with the map.
  package init(_ twin: Twin<Double>, _ data: FitData, moving names: [String], _ options: SourceFitOptions) throws {
    try data.validate(for: twin)
    wavefront = try LitWavefront(twin.description)
    given = twin.description.source.map
    moving = try twin.parameters.freeing(names).free.map { $0.believed(by: options.believed) }
    let bare = try twin.with(twin.parameters.freeing([]), sourceMap: nil)
    self.twin = try Twin(bare.description, parameters: bare.parameters, threads: 1)
    (self.data, self.options) = (data, options)
    threads = twin.threads
  }

  private let threads: Int

  /// Where the search stands.
  private struct State {
    var parameters: TwinParameters
    var map: SourceMap?
    var iterations = 0
  }

  /// - Parameter progress: called with every product and whenever some frames have been worked on.
  package func run(_ progress: @escaping @Sendable (FitProgress) -> Void = { _ in }) throws -> SourceFitReport {
    let meter = FitMeter(progress)
    meter.expect(expectedWork)
    let heldOut = try judge(data.heldOut)
    let before = try discrepancy(State(parameters: twin.parameters, map: given), heldOut)
    var state = State(parameters: moving.released(in: twin.parameters))
    meter.begin(stage: 0, steps: Self.steps.named)
    try minimise(&state, fineness: nil, frames: data.fitted, lack: nil, steps: Self.steps.named, tolerance: 1e-2, meter)
    var best = (state: state, fineness: Int?.none, cost: try heldOutCost(state))
    var trials = [(fineness: Int?.none, heldOut: try discrepancy(best.state, heldOut).pearson)]
    for (index, fineness) in options.finenesses.enumerated() {
      var state = best.state
      state.iterations = 0
      meter.begin(stage: index + 1, steps: Self.steps.map)
      try minimise(
        &state, fineness: fineness, frames: data.fitted, lack: try lack(best.state), steps: Self.steps.map,
        tolerance: 5e-3,
        meter)
      let cost = try heldOutCost(state)
      trials.append((fineness, try discrepancy(state, heldOut).pearson))
      state.iterations += best.state.iterations
      guard cost < (1 - options.worthwhile) * best.cost else { break }
      best = (state, fineness, cost)
    }
    let after = try discrepancy(best.state, heldOut)
    let conjugate = try discrepancy(conjugated(best.state), heldOut)
    state = best.state
    let lack = try lack(state)
    meter.begin(stage: options.finenesses.count + 1, steps: Self.steps.all)
    try minimise(
      &state, fineness: best.fineness, frames: Array(0..<data.frames.count), lack: lack, steps: Self.steps.all,
      tolerance: 5e-3, meter)
    meter.begin(stage: options.finenesses.count + 2, steps: 1)
    let report = try report(
      state, before: before, after: after, conjugate: conjugate, trials: trials, lack: lack, meter)
    meter.finish()
    return report
  }

  /// What each part of a fit usually takes: without a map, for each fineness, with all frames, and what the frames say.
  private var expectedWork: [Double] {
    let sampling = twin.description.geometry.sampling
    let linearised = FitWork.derivatives(of: moving, sampling: sampling)
    let product = 2 * FitWork.product(sampling: sampling)
    func search(steps: Double, frames: Int) -> Double {
      Double(frames) * steps * (linearised + FitWork.frame(sampling: sampling) + Self.usualProducts * product)
    }
    let all = data.frames.count
    return [search(steps: 2, frames: data.fitted.count)]
      + options.finenesses.map { _ in search(steps: 2, frames: data.fitted.count) }
      + [search(steps: 1, frames: all)]
      + [Double(all) * (linearised + Double(Self.lowOrders.count) * Self.usualProducts * product)]
  }

  /// Steps at most.
  private static let steps = (named: 8, map: 4, all: 3)
  /// The wavefront's polynomials whose errors are stated, by Noll's index.
  private static let lowOrders = Array(2...11)
  private static let usualProducts = 15.0

  // MARK: - Steps

  private func problem(
    _ fineness: Int?, frames: [Int], from parameters: TwinParameters, lack: Double? = nil, _ meter: FitMeter? = nil
  ) throws -> SourceProblem {
    SourceProblem(
      twin: try twin.with(parameters), data, frames: frames, fitsOffset: options.fitsOffset, threads: threads,
      lack: lack, meter: meter,
      SourceUnknowns(moving: moving, fineness: fineness, deviations: options.deviations))
  }

  private func minimise(
    _ state: inout State, fineness: Int?, frames: [Int], lack: Double?, steps: Int, tolerance: Double, _ meter: FitMeter
  ) throws {
    let problem = try problem(fineness, frames: frames, from: state.parameters, lack: lack, meter)
    let map = try fineness.flatMap { try state.map?.resampled($0) }
    let start = problem.unknowns.values(of: state.parameters, map)
    var search = GaussNewton()
    (search.maximumIterations, search.tolerance) = (steps, tolerance)
    (search.solver.iterations, search.solver.tolerance) = (Self.products, Self.inexactness)
    let noise = try noise(problem, at: start)
    let result = try search.minimise(
      problem, from: start, bounds: problem.unknowns.bounds, priors: problem.unknowns.priors(noise: noise)
    ) { iteration, cost in
      meter.step(iteration, residual: 2 * cost / max(1, problem.degrees))
    }
    state.parameters = problem.unknowns.parameters(at: result.values, in: state.parameters)
    state.map = problem.unknowns.map(at: result.values)
    state.iterations += result.iterations
  }

  /// Products of each kind for one step at most.
  private static let products = 60
  /// The part of the gradient, in the preconditioner's unknowns, that a step leaves: what it could still gain is about the square of this
  /// part of what it gains (Dembo, Eisenstat and Steihaug, SIAM J. Numer. Anal. 19, 400 (1982)).
  private static let inexactness = 0.05

  /// The standard deviation of a residual.
  private func noise(_ problem: SourceProblem, at values: [Double]) throws -> Double {
    try (2 * problem.cost(at: values) / max(1, problem.degrees)).squareRoot()
  }

  /// How much of the light the twin lacks where the search stands, by the fitted frames.
  private func lack(_ state: State) throws -> Double {
    let problem = try problem(state.map?.fineness, frames: data.fitted, from: state.parameters)
    let noise = try noise(problem, at: problem.unknowns.values(of: state.parameters, state.map))
    return problem.lack(residual: noise * noise, noise: data.noise)
  }

  // MARK: - Judgement

  private func judge(_ frames: [Int]) throws -> FitProblem {
    try problem(nil, frames: frames, from: twin.parameters).frames
  }

  private func heldOutCost(_ state: State) throws -> Double {
    let problem = try problem(state.map?.fineness, frames: data.heldOut, from: state.parameters)
    return try problem.cost(at: problem.unknowns.values(of: state.parameters, state.map))
  }

  private func discrepancy(_ state: State, _ judge: FitProblem) throws -> Discrepancy {
    try judge.discrepancy(of: twin.with(state.parameters, sourceMap: state.map))
  }

  /// The light whose field is the complex conjugate of the found one, seen from the other side: without patterns, far away, it makes
  /// the same frames.
  private func conjugated(_ state: State) -> State {
    var result = state
    for noll in ParameterCatalogue.zernikes {
      // An odd polynomial changes its sign twice.
      if Zernike.indices(noll: noll).m.isMultiple(of: 2) { result.parameters["modulatorZernike\(noll)"] *= -1 }
    }
    for name in ["illuminationSlopeX", "illuminationSlopeY"] { result.parameters[name] *= -1 }
    result.map?.phase = (state.map?.phase ?? []).reversed().map { -$0 }
    result.map?.logAmplitude.reverse()
    return result
  }

  // MARK: - Report

  private func report(
    _ state: State, before: Discrepancy, after: Discrepancy, conjugate: Discrepancy,
    trials: [(fineness: Int?, heldOut: Double)], lack: Double, _ meter: FitMeter
  ) throws -> SourceFitReport {
    let problem = try problem(
      state.map?.fineness, frames: Array(0..<data.frames.count), from: state.parameters, lack: lack, meter)
    let values = problem.unknowns.values(of: state.parameters, state.map)
    let noise = try noise(problem, at: values)
    let names = moving.map(\.name)
    var found = state
    if let map = state.map { (found.parameters, found.map) = try wavefront.gathered(state.parameters, map, of: names) }
    let orders = Self.lowOrders
    let covariance = try SourceCovariance(problem, at: values, noise: noise).covariance(
      orders.map { wavefront.slope($0, problem.unknowns, wavenumber: 2 * .pi / twin.description.geometry.wavelength) })
    // Samples that all count alike, as the discrepancy has them.
    let plain = try self.problem(
      problem.unknowns.fineness, frames: Array(0..<data.frames.count), from: state.parameters)
    let (floor, rest) = (plain.frames.noiseFloor(data.noise), try self.noise(plain, at: values))
    let bounds = moving.filter { $0.isAtBound(found.parameters[$0.name]) }
    return SourceFitReport(
      parameters: found.parameters, map: found.map, moved: names, trials: trials, before: before, after: after,
      conjugate: conjugate, lowOrders: orders, covariance: covariance,
      verdict: FitVerdict(
        after, limit: options.sufficientDiscrepancy, isHeldOut: !data.heldOut.isEmpty, residual: rest * rest,
        noiseFloor: floor, bounds: bounds.map(\.name)),
      noiseRatio: floor.flatMap { $0 > 0 ? rest * rest / $0 : nil }, iterations: state.iterations)
  }
}
