import Fitting
import Measuring

/// One search for parameters, from its checks to its report.
struct TwinFit {
  private let twin: Twin<Double>
  let data: FitData
  let options: FitOptions
  let stages: [FitStage]
  /// The free parameters at the values where their priors stand, in the order in which they were named.
  let free: [TwinParameter]
  /// Those that stay, and may be off by their priors.
  let considered: [TwinParameter]
  /// All parameters as they were given, none of them free: what is neutral costs nothing.
  private let given: TwinParameters
  private let meter: FitMeter

  init(
    _ twin: Twin<Double>, _ data: FitData, free names: [String], _ options: FitOptions, _ meter: FitMeter
  ) throws {
    try data.validate(for: twin)
    guard !names.isEmpty else { throw FitError.nothingFree }
    if let index = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      throw FitError.duplicate(names[index])
    }
    let known = try twin.parameters.freeing(names)
    for name in names { try known.parameter(named: name).map(Self.validate) }
    free = names.compactMap { name in
      known.parameter(named: name)?.believed(by: options.believed)
    }
    given = try twin.parameters.freeing([])
    considered = try given.freeing(options.considered).free.filter { !names.contains($0.name) }
    for parameter in considered { try Self.validate(parameter) }
    stages = options.stages ?? FitStage.standard(free, sampling: twin.description.geometry.sampling)
    for stage in stages {
      if let unknown = stage.names?.first(where: { !names.contains($0) }) {
        throw TwinError.unknownParameter(unknown, known: names)
      }
    }
    self.twin = twin
    self.data = data
    self.options = options
    self.meter = meter
    meter.expect(expectedWork)
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

  /// A search on its way to a report: the stages before the first trial are done.
  struct Search {
    fileprivate let judge: Judge
    fileprivate let before: Judge.Standing
    fileprivate let state: State
    /// nil when the search came to parameters that make no twin.
    fileprivate let now: Judge.Standing?

    /// Whether it stands better than another search for the same.
    func isAhead(of other: Search) -> Bool {
      now.map { judge.isBetter($0, than: other.now ?? other.before) } ?? false
    }
  }

  /// The stages before the first trial, which are cheap.
  func search() throws -> Search {
    let judge = try Judge(
      heldOut: problem(stage: FitStage(sampling: finest), frames: data.heldOut),
      fitted: problem(stage: FitStage(sampling: finest), frames: data.fitted))
    let before = try judge.standing(of: given)
    guard before.cost.isFinite, try judge.heldOut.frameCost(given).isFinite else { throw FitError.nonFinite }
    // A bench that a stage's sampling does not allow is a mistake of whoever asked for the stage.
    for sampling in Set(stages.map(\.sampling)) { _ = try problem(stage: FitStage(sampling: sampling), frames: []) }
    var state = State(parameters: free.released(in: given))
    var now: Judge.Standing?
    do {
      for index in stages.indices.prefix(while: { !stages[$0].isTrial }) { try run(index, &state) }
      now = try judge.standing(of: state.parameters)
    } catch is TwinError {
      // The given parameters make a twin and those of the search do not.
    }
    return Search(judge: judge, before: before, state: state, now: now)
  }

  /// The trials, and what the frames say in the end.
  func finish(_ search: Search) throws -> FitReport {
    let (judge, before) = (search.judge, search.before)
    var outcome = Outcome(before: before, after: before, parameters: given, moved: free.map(\.name))
    var state = search.state
    do {
      if var standing = search.now {
        try runTrials(&state, &standing, judge)
        try settle(&state, &standing, judge)
        if judge.isBetter(standing, than: before) {
          outcome.after = standing
          outcome.parameters = state.parameters
          outcome.moved = free.map(\.name).filter { state.moved.contains($0) }
          outcome.isImproved = true
        }
      }
    } catch is TwinError {
      // Parameters that make no twin are no improvement.
    }
    outcome.degrees = judge.fitted.targets.reduce(-Double(free.count)) { $0 + $1.degrees }
    outcome.noiseFloor = judge.fitted.noiseFloor(data.noise)
    // The search leaves what the frames say at the point that it reached.
    let known = outcome.isImproved ? state.information : nil
    return report(outcome, try known ?? information(at: outcome.parameters), state)
  }

  /// The stages from the first trial on. A trial that does not pay is undone.
  private func runTrials(
    _ state: inout State, _ standing: inout Judge.Standing, _ judge: Judge
  ) throws {
    for index in stages.indices.drop(while: { !stages[$0].isTrial }) {
      let entered = state
      try run(index, &state)
      let reached = try judge.standing(of: state.parameters)
      if stages[index].isTrial, !judge.isClearGain(from: standing, to: reached) {
        (state.parameters, state.moved) = (entered.parameters, entered.moved)
      } else {
        standing = reached
      }
    }
  }

  /// Where the stages stand.
  fileprivate struct State {
    var parameters: TwinParameters
    var iterations = 0
    var optimiser = FitOptimiser.levenbergMarquardt
    /// The parameters that the stages so far have moved.
    var moved: Set<String> = []
    /// What the frames say at the end.
    var information: FrameInformation?
  }

  private struct Outcome {
    var before: Judge.Standing
    var after: Judge.Standing
    var parameters: TwinParameters
    /// The free parameters that were moved; the others are where they were believed.
    var moved: [String]
    var isImproved = false
    /// Residuals less what was fitted to them.
    var degrees = 1.0
    var noiseFloor: Double?
  }

  var finest: Int { max(stages.map(\.sampling).max() ?? 1, twin.description.geometry.sampling) }

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
      block: data.block, blur: blur, threads: twin.threads, meter: meter)
  }

  private func run(_ index: Int, _ state: inout State) throws {
    let stage = stages[index]
    meter.begin(stage: index, steps: stage.iterations)
    var problem = try problem(stage: stage, frames: data.fitted, moving: stage.names, from: state.parameters)
    let samples = problem.targets.reduce(0) { $0 + $1.degrees }
    let (start, bounds) = (problem.values(of: state.parameters), problem.bounds)
    if options.refusesSingular, index == 0 || stages[index - 1].names != stage.names {
      try refuseSingular(problem, start, bounds, samples: samples)
    }
    problem.priorWeight = try (2 * problem.frameCost(state.parameters) / samples).squareRoot()
    func report(_ iteration: Int, _ cost: Double) { meter.step(iteration, residual: 2 * cost / samples) }
    let values: [Double]
    if options.optimiser(for: problem.moving.count, blur: stage.blur) == .adam {
      var adam = BoundedAdam()
      adam.iterations = 20 * stage.iterations
      let result = try adam.minimise(
        from: start, bounds: bounds, progress: report, gradient: problem.gradient)
      values = result.values
      state.iterations += result.iterations
      state.optimiser = .adam
    } else {
      var search = LevenbergMarquardt()
      search.maximumIterations = stage.iterations
      search.tolerance = isLast(index) ? 1e-5 : 1e-2
      // The last stage begins where the twin is nearly linear.
      if isLast(index), index > 0 { search.damping = 1e-4 }
      search.reuses = reuses(index, moving: problem.moving.count)
      let result = try search.minimise(problem, from: start, bounds: bounds, progress: report)
      values = result.values
      state.iterations += result.iterations
    }
    state.parameters = problem.parameters(at: values)
    state.moved.formUnion(problem.moving.map(\.name))
  }

  func isLast(_ index: Int) -> Bool { index == stages.count - 1 }

  /// For how many steps a stage uses its curvature again: gradients are cheap, and Jacobians of many parameters dear.
  func reuses(_ index: Int, moving: Int) -> Int {
    guard stages[index].blur == 0, moving > 8 else { return 0 }
    return isLast(index) ? 8 : 1
  }

  // MARK: - Information

  /// Takes the parameters that were moved from where the search ended to where frames and priors meet, once it is known what
  /// the frames say: along directions that change no frame the search follows the wander of the twin's own sampling, with
  /// priors that weigh nothing beside a hundred thousand samples.
  private func settle(_ state: inout State, _ standing: inout Judge.Standing, _ judge: Judge) throws {
    meter.begin(stage: stages.count, steps: Self.settlings)
    let information = try information(at: state.parameters)
    let moved = free.indices.filter { state.moved.contains(free[$0].name) }
    let problem = try problem(
      stage: FitStage(sampling: finest), frames: data.fitted, moving: moved.map { free[$0].name },
      from: state.parameters)
    let values = try balance(
      problem, from: problem.values(of: state.parameters), slope: moved.map { information.slope[$0] },
      along: information.directions(of: moved))
    state.information = information
    let settled = problem.parameters(at: values)
    let reached = try judge.standing(of: settled)
    // A direction that the sampling alone shows makes no difference that matters.
    guard reached.discrepancy.pearson <= standing.discrepancy.pearson + Self.indifference else { return }
    (state.parameters, standing) = (settled, reached)
  }

  /// The values at which the pull of the frames and that of the priors are equal, along each direction.
  ///
  /// - Parameter slope: Jᵀr at the start, in units of the priors.
  private func balance(
    _ problem: FitProblem, from start: [Double], slope: [Double], along directions: [PrincipalDirection]
  ) throws -> [Double] {
    let (finer, bounds) = (options.doubtsSampling ? problem.finer : nil, problem.bounds)
    var (values, slope) = (start, slope)
    for iteration in 1...Self.settlings {
      let deviations = zip(values, problem.moving).map { ($0 * $1.scale - $1.value) / $1.prior }
      let step = FrameInformation.step(directions, deviations: deviations, slope: slope)
      for (index, parameter) in problem.moving.enumerated() {
        let value = values[index] + step[index] * parameter.prior / parameter.scale
        values[index] = min(max(value, bounds[index].lowerBound), bounds[index].upperBound)
      }
      guard !directions.areSettled(by: step), let next = try problem.frameSlope(at: values, finer: finer)
      else { break }
      slope = zip(next, problem.moving).map { $0 * $1.prior / $1.scale }
      meter.step(iteration)
    }
    return values
  }

  /// Steps of ``balance(_:from:slope:along:)`` at most, and the Pearson discrepancy that does not matter.
  private static let (settlings, indifference) = (6, 1e-3)

  /// Derivatives in single precision do not tell changes below about 10⁻⁶ of the largest from none.
  private func refuseSingular(
    _ problem: FitProblem, _ values: [Double], _ bounds: [ClosedRange<Double>], samples: Double
  ) throws {
    let normal = try problem.frameEquations(at: values)
    if let combination = Identifiability.singular(
      problem.moving, curvature: normal.curvature, samples: samples, tolerance: 2e-6)
    {
      throw FitError.singular(combination: combination)
    }
  }

  /// What the fitted frames say about all free parameters.
  private func information(at parameters: TwinParameters) throws -> FrameInformation {
    let problem = try problem(stage: FitStage(sampling: finest), frames: data.fitted, from: parameters)
    let values = problem.values(of: parameters)
    return try problem.information(
      at: values, finer: options.doubtsSampling ? problem.finer : nil, considering: considered)
  }

  // MARK: - Report

  private func report(_ outcome: Outcome, _ information: FrameInformation, _ state: State) -> FitReport {
    let count = free.count
    let residual = 2 * outcome.after.cost / max(1, outcome.degrees)
    let samples = Int(max(1, outcome.degrees)) + count
    let moved = free.indices.filter { outcome.moved.contains(free[$0].name) }
    let covariance = information.covariance(moved: moved).enumerated().map {
      $1 * free[$0 / count].prior * free[$0 % count].prior
    }
    let deviations = (0..<count).map { max(0, covariance[$0 * count + $0]).squareRoot() }
    let entries = free.enumerated().map { index, parameter in
      let value = outcome.parameters[parameter.name]
      return Estimate(
        name: parameter.name, unit: parameter.unit, start: given[parameter.name], value: value,
        standardDeviation: deviations[index],
        isAtBound: parameter.isAtBound(value))
    }
    return FitReport(
      entries: entries, parameters: twin.parameters.replacingValues(outcome.parameters), covariance: covariance,
      correlations: covariance.enumerated().map { index, value in
        let product = deviations[index / count] * deviations[index % count]
        return product > 0 ? value / product : 0
      },
      before: outcome.before.discrepancy, after: outcome.after.discrepancy, fittedFrames: data.fitted.count,
      heldOutFrames: data.heldOut.count, residualBefore: 2 * outcome.before.cost / max(1, outcome.degrees),
      residualAfter: residual, noiseFloor: outcome.noiseFloor, optimiser: state.optimiser,
      iterations: state.iterations, untouched: free.map(\.name).filter { !outcome.moved.contains($0) },
      isImproved: outcome.isImproved,
      verdict: FitVerdict(
        outcome.after.discrepancy, limit: options.sufficientDiscrepancy, isHeldOut: !data.heldOut.isEmpty,
        residual: residual, noiseFloor: outcome.noiseFloor, bounds: entries.filter(\.isAtBound).map(\.name)),
      identifiability: Identifiability(free, information.directions(of: Array(free.indices)), samples: samples))
  }
}

/// Tells which parameters do better: on held-out frames, or on the fitted ones when none is held out.
private struct Judge {
  struct Standing {
    var discrepancy: Discrepancy
    /// Of the fitted frames.
    var cost: Double
  }

  let heldOut: FitProblem
  let fitted: FitProblem

  func standing(of parameters: TwinParameters) throws -> Standing {
    Standing(
      discrepancy: try (heldOut.targets.isEmpty ? fitted : heldOut).discrepancy(parameters),
      cost: try fitted.frameCost(parameters))
  }

  func isBetter(_ new: Standing, than old: Standing) -> Bool {
    heldOut.targets.isEmpty ? new.cost < old.cost : new.discrepancy.pearson < old.discrepancy.pearson
  }

  /// Whether a trial pays.
  func isClearGain(from old: Standing, to new: Standing) -> Bool {
    let limit = 1 - FitStage.clearGain
    return heldOut.targets.isEmpty
      ? new.cost < limit * old.cost : new.discrepancy.pearson < limit * old.discrepancy.pearson
  }
}
