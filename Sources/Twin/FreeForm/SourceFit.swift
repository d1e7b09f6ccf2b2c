import Fitting
import Measuring
import Optics

/// A search for the source: named parameters first, then with a map, with maps of the layers, and with a map that becomes finer, as long
/// as frames that are not fitted gain by it, and at last on all frames.
package struct SourceFit {
  private let twin: Twin<Double>
  private let data: FitData
  private let moving: [TwinParameter]
  private let options: SourceFitOptions
  private let wavefront: LitWavefront
  /// What was given.
  private let given: FreeForms

  /// - Parameter names: the parameters that move with the map.
  package init(_ twin: Twin<Double>, _ data: FitData, moving names: [String], _ options: SourceFitOptions) throws {
    try data.validate(for: twin)
    wavefront = try LitWavefront(twin.description)
    given = twin.description.forms
    moving = try twin.parameters.freeing(names).free.map { $0.believed(by: options.believed) }
    let bare = try twin.with(twin.parameters.freeing([]), FreeForms())
    self.twin = try Twin(bare.description, parameters: bare.parameters, threads: 1)
    (self.data, self.options) = (data, options)
    threads = twin.threads
  }

  private let threads: Int

  /// Where the search stands.
  private struct State {
    var parameters: TwinParameters
    var forms = FreeForms()
    var iterations = 0

    var shape: SourceShape { SourceShape(fineness: forms.source?.fineness, ofLayers: forms.layers != nil) }

    func values(_ problem: SourceProblem) -> [Double] {
      problem.unknowns.values(of: parameters, forms.source, layers: forms.layers)
    }
  }

  /// What a trial adds to what there is.
  private enum Trial {
    case fineness(Int)
    case layers
  }

  /// A coarse map of the source first, so that the layers' maps do not have to stand for it.
  private var plan: [Trial] {
    let finenesses = options.finenesses.map { Trial.fineness($0) }
    return options.roughness == nil ? finenesses : finenesses.prefix(1) + [.layers] + finenesses.dropFirst()
  }

  /// - Parameter progress: called with every product and whenever some frames have been worked on.
  package func run(_ progress: @escaping @Sendable (FitProgress) -> Void = { _ in }) throws -> SourceFitReport {
    let meter = FitMeter(progress)
    meter.expect(expectedWork)
    let heldOut = try judge(data.heldOut)
    let before = try discrepancy(State(parameters: twin.parameters, forms: given), heldOut)
    var state = State(parameters: moving.released(in: twin.parameters))
    meter.begin(stage: 0, steps: Self.steps.named)
    try minimise(
      &state, SourceShape(), frames: data.fitted, lack: nil, steps: Self.steps.named, tolerance: 1e-2, meter)
    var best = (state: state, shape: SourceShape(), cost: try heldOutCost(state))
    var trials = [(shape: best.shape, heldOut: try discrepancy(best.state, heldOut).pearson)]
    var finerPays = true
    for (index, trial) in plan.enumerated() {
      var shape = best.shape
      switch trial {
      case .fineness(let fineness):
        guard finerPays else { continue }
        shape.fineness = fineness
      case .layers: shape.ofLayers = true
      }
      var state = best.state
      state.iterations = 0
      meter.begin(stage: index + 1, steps: Self.steps.map)
      try minimise(
        &state, shape, frames: data.fitted, lack: try lack(best.state), steps: Self.steps.map, tolerance: 5e-3, meter)
      let cost = try heldOutCost(state)
      trials.append((shape, try discrepancy(state, heldOut).pearson))
      state.iterations += best.state.iterations
      if cost < (1 - options.worthwhile) * best.cost {
        best = (state, shape, cost)
      } else if case .fineness = trial {
        finerPays = false
      }
    }
    let after = try discrepancy(best.state, heldOut)
    let conjugate = try discrepancy(conjugated(best.state), heldOut)
    state = best.state
    let lack = try lack(state)
    meter.begin(stage: plan.count + 1, steps: Self.steps.all)
    try minimise(
      &state, best.shape, frames: Array(0..<data.frames.count), lack: lack, steps: Self.steps.all, tolerance: 5e-3,
      meter)
    meter.begin(stage: plan.count + 2, steps: 1)
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
      + plan.map { _ in search(steps: 2, frames: data.fitted.count) }
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
    _ shape: SourceShape, frames: [Int], from parameters: TwinParameters, lack: Double? = nil, _ meter: FitMeter? = nil
  ) throws -> SourceProblem {
    let layers =
      shape.ofLayers
      ? options.roughness.map { LayerUnknowns(twin.description.geometry, $0) } : nil
    return SourceProblem(
      twin: try twin.with(parameters), data, frames: frames, fitsOffset: options.fitsOffset, threads: threads,
      lack: lack, meter: meter,
      SourceUnknowns(moving: moving, fineness: shape.fineness, deviations: options.deviations, layers: layers))
  }

  private func minimise(
    _ state: inout State, _ shape: SourceShape, frames: [Int], lack: Double?, steps: Int, tolerance: Double,
    _ meter: FitMeter
  ) throws {
    let problem = try problem(shape, frames: frames, from: state.parameters, lack: lack, meter)
    let map = try shape.fineness.flatMap { try state.forms.source?.resampled($0) }
    let start = problem.unknowns.values(of: state.parameters, map, layers: state.forms.layers)
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
    state.forms = problem.unknowns.forms(at: result.values)
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
    let problem = try problem(state.shape, frames: data.fitted, from: state.parameters)
    let noise = try noise(problem, at: state.values(problem))
    return problem.lack(residual: noise * noise, noise: data.noise)
  }

  // MARK: - Judgement

  private func judge(_ frames: [Int]) throws -> FitProblem {
    try problem(SourceShape(), frames: frames, from: twin.parameters).frames
  }

  private func heldOutCost(_ state: State) throws -> Double {
    let problem = try problem(state.shape, frames: data.heldOut, from: state.parameters)
    return try problem.cost(at: state.values(problem))
  }

  private func discrepancy(_ state: State, _ judge: FitProblem) throws -> Discrepancy {
    try judge.discrepancy(of: twin.with(state.parameters, state.forms))
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
    result.forms.source?.phase = (state.forms.source?.phase ?? []).reversed().map { -$0 }
    result.forms.source?.logAmplitude.reverse()
    return result
  }

  // MARK: - Report

  private func report(
    _ state: State, before: Discrepancy, after: Discrepancy, conjugate: Discrepancy,
    trials: [(shape: SourceShape, heldOut: Double)], lack: Double, _ meter: FitMeter
  ) throws -> SourceFitReport {
    let problem = try problem(
      state.shape, frames: Array(0..<data.frames.count), from: state.parameters, lack: lack, meter)
    let values = state.values(problem)
    let noise = try noise(problem, at: values)
    let names = moving.map(\.name)
    var found = state
    if let map = state.forms.source {
      (found.parameters, found.forms.source) = try wavefront.gathered(state.parameters, map, of: names)
    }
    let orders = Self.lowOrders
    let covariance = try SourceCovariance(problem, at: values, noise: noise).covariance(
      orders.map { wavefront.slope($0, problem.unknowns, wavenumber: 2 * .pi / twin.description.geometry.wavelength) })
    // Samples that all count alike, as the discrepancy has them.
    let plain = try self.problem(state.shape, frames: Array(0..<data.frames.count), from: state.parameters)
    let (floor, rest) = (plain.frames.noiseFloor(data.noise), try self.noise(plain, at: values))
    let bounds = moving.filter { $0.isAtBound(found.parameters[$0.name]) }
    return SourceFitReport(
      parameters: found.parameters, forms: found.forms, moved: names, trials: trials, before: before, after: after,
      conjugate: conjugate, lowOrders: orders, covariance: covariance,
      verdict: FitVerdict(
        after, limit: options.sufficientDiscrepancy, isHeldOut: !data.heldOut.isEmpty, residual: rest * rest,
        noiseFloor: floor, bounds: bounds.map(\.name)),
      noiseRatio: floor.flatMap { $0 > 0 ? rest * rest / $0 : nil }, iterations: state.iterations)
  }
}
