import Arrays
import Concurrency
import Fitting
import Measuring
import Optics

/// The frames of one stage against the twin, as a sum of squares over its parameters in units of their scales.
package struct FitProblem: LeastSquaresProblem {
  /// A twin that uses one thread for a call: frames are computed in parallel.
  let twin: Twin<Double>
  /// What the parameters that do not move are.
  let parameters: TwinParameters
  /// What moves; their values are where the priors stand.
  package let moving: [TwinParameter]
  let targets: [FrameTarget]
  let block: Int
  let blur: FrameBlur
  let threads: Int
  /// The noise of a sample, in standard deviations of its frame, that priors are weighed against.
  var priorWeight: Double

  package init(
    twin: Twin<Double>, parameters: TwinParameters, moving: [TwinParameter], targets: [FrameTarget], block: Int,
    blur: FrameBlur, threads: Int, priorWeight: Double = 0
  ) {
    self.twin = twin
    self.parameters = parameters
    self.moving = moving
    self.targets = targets
    self.block = block
    self.blur = blur
    self.threads = threads
    self.priorWeight = priorWeight
  }

  /// The same with twice the sampling; nil when a bench cannot be computed so.
  var finer: FitProblem? {
    var description = twin.description
    description.geometry.sampling *= 2
    guard let twin = try? Twin<Double>(description, parameters: parameters, threads: 1) else { return nil }
    return FitProblem(
      twin: twin, parameters: parameters, moving: moving, targets: targets, block: block, blur: blur, threads: threads)
  }

  func parameters(at values: [Double]) -> TwinParameters {
    var result = parameters
    for (value, parameter) in zip(values, moving) {
      // The scale's rounding may carry a value at a bound beyond it.
      result[parameter.name] = min(max(value * parameter.scale, parameter.minimum), parameter.maximum)
    }
    return result
  }

  /// The parameters that move, in units of their scales: what they are in others, and where they must stay.
  func values(of parameters: TwinParameters) -> [Double] { moving.map { parameters[$0.name] / $0.scale } }

  var bounds: [ClosedRange<Double>] { moving.map { $0.minimum / $0.scale...$0.maximum / $0.scale } }

  // MARK: - Levenberg–Marquardt

  package func cost(at values: [Double]) throws -> Double {
    do {
      let twin = try twin.with(parameters(at: values))
      return try costs(of: twin).reduce(0, +) + priorCost(values)
    } catch is TwinError {
      return .infinity
    }
  }

  /// The cost of the frames alone.
  func frameCost(_ parameters: TwinParameters) throws -> Double {
    try costs(of: try twin.with(parameters)).reduce(0, +)
  }

  private func costs(of twin: Twin<Double>) throws -> [Double] {
    try map { _, target in
      target.residuals(try computed(twin, target)).residuals.reduce(0) { $0 + $1 * $1 } / 2
    }
  }

  package func normalEquations(at values: [Double], steps: [Double]) throws -> NormalEquations {
    var sum = try frameEquations(at: values, steps: steps)
    for (index, parameter) in moving.enumerated() {
      let deviation = values[index] - parameter.value / parameter.scale
      sum.add(unknown: index, deviation: deviation, weight: priorWeight(parameter))
    }
    return sum
  }

  package func slope(at values: [Double]) throws -> [Double]? { try gradient(at: values).slope }

  /// A twin with one parameter moved by a step, or by its opposite where no bench is like that; nil when none is like either.
  private func moved(_ index: Int, from values: [Double], by step: Double) -> (twin: Twin<Double>, step: Double)? {
    let (start, parameter) = (values[index], moving[index])
    let bounds = (parameter.minimum / parameter.scale)...(parameter.maximum / parameter.scale)
    for wanted in [start + step, start - step] {
      var values = values
      values[index] = min(max(wanted, bounds.lowerBound), bounds.upperBound)
      let step = values[index] - start
      guard 2 * abs(step) > abs(wanted - start) else { continue }
      if let twin = try? twin.with(parameters(at: values)) { return (twin, step) }
    }
    return nil
  }

  /// The normal equations of the frames alone, by differences. A parameter that can be moved to neither side has no effect.
  func frameEquations(at values: [Double], steps: [Double]) throws -> NormalEquations {
    let differences = try differences(at: values, steps: steps)
    let parts = try map { _, target in
      let (residuals, columns) = try differences(target)
      var normal = NormalEquations(unknowns: columns.count)
      normal.add(residuals: residuals, columns: columns)
      return normal
    }
    var sum = NormalEquations(unknowns: moving.count)
    for part in parts { sum.add(part) }
    return sum
  }

  /// The residuals of a frame and their derivatives, one column for each parameter that moves.
  func differences(
    at values: [Double], steps: [Double]
  ) throws -> @Sendable (FrameTarget) throws -> (residuals: [Double], columns: [[Double]]) {
    let here = try twin.with(parameters(at: values))
    let moved = try inParallel(moving.count, threads: threads) { self.moved($0, from: values, by: steps[$0]) }
    return { target in
      let current = target.residuals(try computed(here, target)).residuals
      let columns = try moved.map { moved in
        guard let (twin, step) = moved else { return [Double](repeating: 0, count: current.count) }
        return zip(target.residuals(try computed(twin, target)).residuals, current).map { ($0 - $1) / step }
      }
      return (current, columns)
    }
  }

  private func priorWeight(_ parameter: TwinParameter) -> Double {
    priorWeight * parameter.scale / parameter.prior
  }

  private func priorCost(_ values: [Double]) -> Double {
    zip(values, moving).reduce(0) { sum, pair in
      let residual = (pair.0 - pair.1.value / pair.1.scale) * priorWeight(pair.1)
      return sum + residual * residual / 2
    }
  }

  // MARK: - Adam

  /// The cost and its derivatives, from gradients of the twin; infinite where there is no twin.
  package func gradient(at values: [Double]) throws -> (loss: Double, slope: [Double]) {
    guard let parts = try frameGradients(at: values) else { return (.infinity, values.map { _ in 0 }) }
    var slope = zip(values, moving).map { value, parameter in
      (value - parameter.value / parameter.scale) * priorWeight(parameter) * priorWeight(parameter)
    }
    for part in parts {
      for index in slope.indices { slope[index] += part.slope[index] }
    }
    return (parts.reduce(0) { $0 + $1.cost } + priorCost(values), slope)
  }

  /// Jᵀr of the frames alone, with the residuals of this sampling and the derivatives of a finer one; nil where there is no
  /// twin.
  func frameSlope(at values: [Double], finer: FitProblem?) throws -> [Double]? {
    guard let finer else {
      return try frameGradients(at: values).map { Self.sum($0.map(\.slope), count: values.count) }
    }
    guard let twin = try? twin.with(parameters(at: values)) else { return nil }
    let residuals = try map { _, target in target.residuals(try computed(twin, target)).residuals }
    return try finer.frameGradients(at: values, residuals: residuals).map {
      Self.sum($0.map(\.slope), count: values.count)
    }
  }

  /// The cost and the slope of each frame; those of its own residuals when none are given.
  private func frameGradients(
    at values: [Double], residuals given: [[Double]]? = nil
  ) throws -> [(cost: Double, slope: [Double])]? {
    let parameters = try parameters(at: values).freeing(moving.map(\.name))
    guard let twin = try? twin.with(parameters) else { return nil }
    return try map { index, target in
      let tape = try twin.record(layers: target.pattern, inputs: target.input, block: block)
      let (own, gain) = target.residuals(tape.intensities.values)
      let residuals = given?[index] ?? own
      var gradient = tape.intensities
      // The gain and the offset are the best ones, so that their own changes do not matter.
      for index in residuals.indices { gradient.values[index] = gain * residuals[index] / target.deviation }
      let slopes = try twin.gradient(tape, intensityGradient: gradient, ofParameters: true).parameters
      return (
        residuals.reduce(0) { $0 + $1 * $1 } / 2, moving.map { (slopes[$0.name] ?? 0) * $0.scale }
      )
    }
  }

  private static func sum(_ slopes: [[Double]], count: Int) -> [Double] {
    slopes.reduce(into: [Double](repeating: 0, count: count)) { sum, slope in
      for index in sum.indices { sum[index] += slope[index] }
    }
  }

  // MARK: - Frames

  /// The mean discrepancy over the frames.
  func discrepancy(_ parameters: TwinParameters) throws -> Discrepancy {
    let twin = try twin.with(parameters)
    let parts = try map { $1.discrepancy(try computed(twin, $1)) }
    let count = Double(max(1, parts.count))
    return Discrepancy(
      cosine: parts.reduce(0) { $0 + $1.cosine } / count, pearson: parts.reduce(0) { $0 + $1.pearson } / count)
  }

  func computed(_ twin: Twin<Double>, _ target: FrameTarget) throws -> [Double] {
    blur(try twin.forward(layers: target.pattern, inputs: target.input, block: block).values, width: target.width)
  }

  /// Work on every frame, frames in parallel; a few at a time, so that a cancellation does not wait for all of them.
  func map<Result: Sendable>(_ body: @Sendable (Int, FrameTarget) throws -> Result) throws -> [Result] {
    var results: [Result] = []
    for start in stride(from: 0, to: targets.count, by: 2 * threads) {
      try Task.checkCancellation()
      let group = min(2 * threads, targets.count - start)
      results += try inParallel(group, threads: threads) { try body(start + $0, targets[start + $0]) }
    }
    return results
  }
}

/// The results of `body` for 0..<`count`, computed on several threads.
private func inParallel<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
  let results = Locked<[Int: Swift.Result<Result, any Error>]>([:])
  concurrently(count, threads: threads) { index in
    let result = Swift.Result { try body(index) }
    results.withLock { $0[index] = result }
  }
  return try results.withLock { results in try (0..<count).compactMap { try results[$0]?.get() } }
}
