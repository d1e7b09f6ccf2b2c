import Arrays
import Fitting

extension Twin where Scalar == Double {
  /// Refines parameters until the twin computes what the bench measured.
  ///
  /// The residual of a frame is (a·y + b − d)/σ(d) with the best gain a, and where frames have a dark level the best offset
  /// b, so that neither the laser's power nor the camera's scale plays a part. What was known before, the parameters'
  /// priors around their present values, is weighed against the residuals that the twin leaves.
  ///
  /// The result is judged on the held-out frames, and on the fitted ones when none is held out: parameters that do no better
  /// than the given ones are not returned.
  ///
  /// - Parameters:
  ///   - free: names of the parameters that move.
  ///   - progress: called after every step.
  /// - Throws: ``FitError`` and ``TwinError`` for what cannot be fitted; `CancellationError`.
  public func fit(
    _ data: FitData, free: [String], options: FitOptions = FitOptions(), progress: (FitProgress) -> Void = { _ in }
  ) throws -> FitReport {
    let fit = try TwinFit(self, data, free: free, options)
    return try fit.run(progress)
  }
}

/// One fit, from its checks to its report.
struct TwinFit {
  private let twin: Twin<Double>
  private let data: FitData
  private let options: FitOptions
  private let stages: [FitStage]
  /// The free parameters at the values where their priors stand, in the order in which they were named.
  private let free: [TwinParameter]
  /// All parameters as they were given, none of them free: what is neutral costs nothing.
  private let given: TwinParameters

  init(_ twin: Twin<Double>, _ data: FitData, free names: [String], _ options: FitOptions) throws {
    try data.validate(for: twin)
    guard !names.isEmpty else { throw FitError.nothingFree }
    if let index = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw FitError.duplicate(names[index])
    }
    let known = try twin.parameters.freeing(names)
    free = names.compactMap { known.parameter(named: $0) }
    for parameter in free { try Self.validate(parameter) }
    given = try twin.parameters.freeing([])
    stages = options.stages ?? FitStage.standard(free: names, sampling: twin.description.geometry.sampling)
    for stage in stages {
      if let unknown = stage.names?.first(where: { !names.contains($0) }) {
        throw TwinError.unknownParameter(unknown, known: names)
      }
    }
    self.twin = twin
    self.data = data
    self.options = options
  }

  private static func validate(_ parameter: TwinParameter) throws {
    let problem: String? =
      if !(parameter.scale > 0 && parameter.scale.isFinite) {
        "its scale is \(parameter.scale), expected a positive number"
      } else if !(parameter.prior > 0) {
        "its prior is \(parameter.prior), expected a positive number"
      } else if !(parameter.minimum < parameter.maximum) {
        "its bounds are \(parameter.minimum) to \(parameter.maximum)"
      } else if !(parameter.minimum...parameter.maximum).contains(parameter.value) {
        "it starts at \(parameter.value), outside its bounds \(parameter.minimum) to \(parameter.maximum)"
      } else {
        nil
      }
    if let problem { throw FitError.parameter(name: parameter.name, problem: problem) }
  }

  func run(_ progress: (FitProgress) -> Void) throws -> FitReport {
    let finest = max(stages.map(\.sampling).max() ?? 1, twin.description.geometry.sampling)
    let judge = try problem(stage: FitStage(sampling: finest, iterations: 0), frames: data.heldOut)
    let fitted = try problem(stage: FitStage(sampling: finest, iterations: 0), frames: data.fitted)
    let hasHeldOut = !data.heldOut.isEmpty
    let before = try (hasHeldOut ? judge : fitted).discrepancy(given)
    let costBefore = try fitted.frameCost(given)
    guard costBefore.isFinite, try judge.frameCost(given).isFinite else { throw FitError.nonFinite }
    // A bench that a stage's sampling does not allow is a mistake of whoever asked for the stage.
    for sampling in Set(stages.map(\.sampling)) { _ = try problem(stage: FitStage(sampling: sampling), frames: []) }
    var outcome = Outcome(
      before: before, after: before, costBefore: costBefore, costAfter: costBefore, parameters: given)
    var state = State(parameters: released())
    do {
      for index in stages.indices { try run(index, &state, progress) }
      let after = try (hasHeldOut ? judge : fitted).discrepancy(state.parameters)
      let costAfter = try fitted.frameCost(state.parameters)
      if hasHeldOut ? after.pearson < before.pearson : costAfter < costBefore {
        (outcome.after, outcome.costAfter, outcome.parameters) = (after, costAfter, state.parameters)
        outcome.isImproved = true
      }
    } catch is TwinError {
      // The given parameters make a twin and those of the search do not: they are no improvement.
    }
    outcome.degrees = fitted.targets.reduce(-Double(free.count)) { $0 + $1.degrees }
    outcome.noiseFloor = noiseFloor(fitted)
    // The stages leave what the frames tell at the point that they reached, when the last one moved all free parameters.
    let known = outcome.isImproved ? state.information : nil
    return report(outcome, try known ?? information(at: outcome.parameters), state)
  }

  /// Where the stages stand.
  private struct State {
    var parameters: TwinParameters
    var iterations = 0
    var optimiser = FitOptimiser.levenbergMarquardt
    /// The frames' normal equations by all free parameters, when the last stage has left them.
    var information: NormalEquations?
  }

  private struct Outcome {
    var before: Discrepancy
    var after: Discrepancy
    var costBefore: Double
    var costAfter: Double
    var parameters: TwinParameters
    var isImproved = false
    /// Residuals less what was fitted to them.
    var degrees = 1.0
    var noiseFloor: Double?
  }

  /// The start, off the bounds at which effects are absent; see ``TwinParameter/released``.
  private func released() -> TwinParameters {
    var result = given
    for parameter in free { result[parameter.name] = parameter.released }
    return result
  }

  // MARK: - Stages

  private func problem(
    stage: FitStage, frames: [Int], moving names: [String]? = nil, from parameters: TwinParameters? = nil
  ) throws -> FitProblem {
    var description = twin.description
    description.geometry.sampling = stage.sampling
    let parameters = parameters ?? given
    let blur = FrameBlur(sigma: stage.blur)
    return FitProblem(
      twin: try Twin<Double>(description, parameters: parameters, threads: 1), parameters: parameters,
      moving: names.map { names in free.filter { names.contains($0.name) } } ?? free,
      targets: frames.map { FrameTarget(data, frame: $0, blur: blur, fitsOffset: options.fitsOffset) },
      block: data.block, blur: blur, threads: twin.threads)
  }

  private func run(_ index: Int, _ state: inout State, _ progress: (FitProgress) -> Void) throws {
    let stage = stages[index]
    var problem = try problem(stage: stage, frames: data.fitted, moving: stage.names, from: state.parameters)
    let samples = problem.targets.reduce(0) { $0 + $1.degrees }
    let bounds = problem.moving.map { $0.minimum / $0.scale...$0.maximum / $0.scale }
    let start = problem.moving.map { state.parameters[$0.name] / $0.scale }
    problem.priorWeight = try (2 * problem.frameCost(state.parameters) / samples).squareRoot()
    if options.refusesSingular, index == 0 || stages[index - 1].names != stage.names {
      try refuseSingular(problem, start, bounds, samples: samples)
    }
    func report(_ iteration: Int, _ cost: Double, of iterations: Int) {
      progress(
        FitProgress(
          stage: index, stages: stages.count, iteration: iteration, iterations: iterations,
          residual: 2 * cost / samples))
    }
    let values: [Double]
    if options.optimiser(for: problem.moving.count, blur: stage.blur) == .adam {
      var adam = BoundedAdam()
      adam.iterations = 20 * stage.iterations
      let result = try adam.minimise(
        from: start, bounds: bounds, progress: { report($0, $1, of: adam.iterations) }, gradient: problem.gradient)
      values = result.values
      state.iterations += result.iterations
      state.optimiser = .adam
    } else {
      var search = LevenbergMarquardt()
      search.maximumIterations = stage.iterations
      let isLast = index == stages.count - 1
      search.tolerance = isLast ? 1e-5 : 1e-2
      // The last stage begins where the twin is nearly linear; gradients are cheap, and Jacobians of many parameters dear.
      if isLast, index > 0 { search.damping = 1e-4 }
      if stage.blur == 0, problem.moving.count > 8 { search.reuses = isLast ? 8 : 1 }
      let result = try search.minimise(problem, from: start, bounds: bounds) {
        report($0, $1, of: stage.iterations)
      }
      values = result.values
      state.iterations += result.iterations
      if isLast, problem.moving.count == free.count { state.information = problem.withoutPriors(result.normal) }
    }
    state.parameters = problem.parameters(at: values)
  }

  /// Derivatives by differences of 10⁻³ do not tell changes below about 10⁻⁸ of the largest from none.
  private func refuseSingular(
    _ problem: FitProblem, _ values: [Double], _ bounds: [ClosedRange<Double>], samples: Double
  ) throws {
    let normal = try problem.frameEquations(at: values, steps: LevenbergMarquardt().steps(values, bounds))
    if let combination = Identifiability.singular(
      problem.moving, curvature: normal.curvature, samples: samples, tolerance: 1e-7)
    {
      throw FitError.singular(combination: combination)
    }
  }

  /// What the fitted frames say about all free parameters.
  private func information(at parameters: TwinParameters) throws -> NormalEquations {
    let problem = try problem(
      stage: FitStage(sampling: stages.last?.sampling ?? 1), frames: data.fitted, from: parameters)
    let values = free.map { parameters[$0.name] / $0.scale }
    let bounds = free.map { $0.minimum / $0.scale...$0.maximum / $0.scale }
    return try problem.frameEquations(at: values, steps: LevenbergMarquardt().steps(values, bounds))
  }

  // MARK: - Report

  /// Derivatives by differences are not exact: below this mean square residual they claim to know too much.
  private static let smallestResidual = 1e-12

  /// The part of the frames' variance that the camera's noise explains.
  private func noiseFloor(_ problem: FitProblem) -> Double? {
    guard let noise = data.noise else { return nil }
    var (sum, count) = (0.0, 0.0)
    for target in problem.targets {
      for (value, weight) in zip(target.values, target.weights) {
        sum += weight * noise.variance(at: value) / (target.deviation * target.deviation)
        count += weight
      }
    }
    return sum / max(1, count)
  }

  private func report(_ outcome: Outcome, _ information: NormalEquations, _ state: State) -> FitReport {
    let count = free.count
    let residual = 2 * outcome.costAfter / max(1, outcome.degrees)
    let samples = Int(max(1, outcome.degrees)) + count
    let priors = free.map { ($0.scale / $0.prior) * ($0.scale / $0.prior) }
    let inverse = Self.covariance(information, residual: max(residual, Self.smallestResidual), priors: priors)
    let covariance = inverse.enumerated().map { $1 * free[$0 / count].scale * free[$0 % count].scale }
    let deviations = (0..<count).map { max(0, covariance[$0 * count + $0]).squareRoot() }
    return FitReport(
      entries: free.enumerated().map { index, parameter in
        let value = outcome.parameters[parameter.name]
        return FitReport.Entry(
          name: parameter.name, unit: parameter.unit, start: parameter.value, value: value,
          standardDeviation: deviations[index],
          isAtBound: value <= parameter.minimum || value >= parameter.maximum)
      },
      parameters: twin.parameters.replacingValues(outcome.parameters), covariance: covariance,
      correlations: covariance.enumerated().map { index, value in
        let product = deviations[index / count] * deviations[index % count]
        return product > 0 ? value / product : 0
      },
      before: outcome.before, after: outcome.after, fittedFrames: data.fitted.count,
      heldOutFrames: data.heldOut.count, residualBefore: 2 * outcome.costBefore / max(1, outcome.degrees),
      residualAfter: residual, noiseFloor: outcome.noiseFloor, optimiser: state.optimiser,
      iterations: state.iterations, isImproved: outcome.isImproved,
      verdict: FitVerdict(
        outcome.after, limit: options.sufficientDiscrepancy, isHeldOut: !data.heldOut.isEmpty, residual: residual,
        noiseFloor: outcome.noiseFloor),
      identifiability: Identifiability(
        free, curvature: information.curvature, samples: samples, residual: max(residual, Self.smallestResidual)))
  }

  /// A⁻¹·B·A⁻¹ with A = JᵀJ/s² + P⁻¹ and B = Σ r²·j·jᵀ/s⁴ + P⁻¹ (White, Econometrica 48, 817 (1980)): the covariance with
  /// priors P where the noise is not the same in every sample, as shot noise is not. It is A⁻¹ where it is.
  private static func covariance(
    _ information: NormalEquations, residual: Double, priors: [Double]
  ) -> [Double] {
    let order = priors.count
    var bread = information.curvature.map { $0 / residual }
    var filling = information.scatter.map { $0 / (residual * residual) }
    for (index, prior) in priors.enumerated() {
      bread[index * order + index] += prior
      filling[index * order + index] += prior
    }
    // Through columns of unit length, so that parameters that matter little do not spoil those that matter.
    let lengths = (0..<order).map { bread[$0 * order + $0].squareRoot() }
    let scaled = bread.enumerated().map { $1 / (lengths[$0 / order] * lengths[$0 % order]) }
    guard let factor = Cholesky(scaled, order: order) else {
      return [Double](repeating: .infinity, count: order * order)
    }
    let inverse = factor.inverse.enumerated().map { $1 / (lengths[$0 / order] * lengths[$0 % order]) }
    return product(product(inverse, filling, order), inverse, order)
  }

  private static func product(_ a: [Double], _ b: [Double], _ order: Int) -> [Double] {
    (0..<order * order).map { index in
      let (row, column) = index.quotientAndRemainder(dividingBy: order)
      return (0..<order).reduce(0) { $0 + a[row * order + $1] * b[$1 * order + column] }
    }
  }
}

extension TwinParameters {
  /// The same parameters, with their bounds and switches, at the values of others.
  func replacingValues(_ others: TwinParameters) -> TwinParameters {
    var result = self
    for parameter in others.all { result[parameter.name] = parameter.value }
    return result
  }
}
