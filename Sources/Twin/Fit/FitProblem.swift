import Arrays
import Concurrency
import Fitting
import Measuring
import Optics

/// The frames of one stage against the twin, as a sum of squares over its parameters in units of their scales.
package struct FitProblem: LeastSquaresProblem {
  /// A twin that uses one thread for a call: frames are computed in parallel.
  let twin: Twin<Double>
  private let single = SingleTwin()
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
  /// Hears of every frame that was worked on.
  let meter: FitMeter?

  package init(
    twin: Twin<Double>, parameters: TwinParameters, moving: [TwinParameter], targets: [FrameTarget], block: Int,
    blur: FrameBlur, threads: Int, priorWeight: Double = 0, meter: FitMeter? = nil
  ) {
    self.twin = twin
    self.parameters = parameters
    self.moving = moving
    self.targets = targets
    self.block = block
    self.blur = blur
    self.threads = threads
    self.priorWeight = priorWeight
    self.meter = meter
  }

  /// Samples along each side of a layer pixel.
  var sampling: Int { twin.description.geometry.sampling }

  /// The same with twice the sampling; nil when a bench cannot be computed so.
  var finer: FitProblem? {
    var description = twin.description
    description.geometry.sampling *= 2
    guard let twin = try? Twin<Double>(description, parameters: parameters, threads: 1) else { return nil }
    return FitProblem(
      twin: twin, parameters: parameters, moving: moving, targets: targets, block: block, blur: blur, threads: threads,
      meter: meter)
  }

  func parameters(at values: [Double]) -> TwinParameters { moving.parameters(at: values, in: parameters) }

  /// The parameters that move, in units of their scales: what they are in others, and where they must stay.
  func values(of parameters: TwinParameters) -> [Double] { moving.values(of: parameters) }

  var bounds: [ClosedRange<Double>] { moving.bounds }

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

  /// The part of the frames' variance that the camera's noise explains, each sample as it counts; nil when the noise is not known.
  func noiseFloor(_ noise: FrameNoise?) -> Double? {
    guard let noise else { return nil }
    var (sum, count) = (0.0, 0.0)
    for target in targets {
      for (value, weight) in zip(target.values, target.weights) {
        sum += weight * noise.variance(at: value) / (target.deviation * target.deviation)
        count += weight
      }
    }
    return sum / max(1, count)
  }

  /// ½Σr² of each frame.
  func costs(of twin: Twin<Double>) throws -> [Double] {
    try map(FitWork.frame(sampling: sampling, blur: blur)) { _, target in
      target.residuals(try computed(twin, target)).residuals.reduce(0) { $0 + $1 * $1 } / 2
    }
  }

  package func normalEquations(at values: [Double]) throws -> NormalEquations {
    var sum = try frameEquations(at: values)
    for (index, parameter) in moving.enumerated() {
      let deviation = values[index] - parameter.value / parameter.scale
      sum.add(unknown: index, deviation: deviation, weight: priorWeight(parameter))
    }
    return sum
  }

  /// The normal equations of the frames alone.
  func frameEquations(at values: [Double]) throws -> NormalEquations {
    let derivatives = try derivatives(at: values)
    let parts = try map(FitWork.derivatives(of: moving, sampling: sampling, blur: blur)) { _, target in
      let (residuals, columns) = try derivatives(target)
      var normal = NormalEquations(unknowns: columns.count)
      normal.add(residuals: residuals, columns: columns)
      return normal
    }
    var sum = NormalEquations(unknowns: moving.count)
    for part in parts { sum.add(part) }
    return sum
  }

  /// The residuals of a frame and their derivatives, one column for each parameter that moves. The frame is computed in double
  /// precision and its derivatives in single: a step needs no more digits of where to go.
  func derivatives(
    at values: [Double]
  ) throws -> @Sendable (FrameTarget) throws -> (residuals: [Double], columns: [[Double]]) {
    let parameters = parameters(at: values)
    let here = try twin.with(parameters)
    let jacobian = try TwinJacobian(try single.twin(twin.description, parameters), of: moving.map(\.name))
    return { target in
      let changes = try jacobian(
        layers: target.single.pattern, input: target.single.input, block: block
      ).columns
      return target.residuals(
        try computed(here, target),
        zip(changes, moving).map { change, parameter in
          blur(change.map { Double($0) * parameter.scale }, width: target.width)
        })
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
    guard let twin = try? twin.with(parameters(at: values).freeing(moving.map(\.name))) else {
      return (.infinity, values.map { _ in 0 })
    }
    let parts = try frameGradients(of: twin) { ($0.pattern, $0.input) }
    let slope = zip(Self.sum(parts.map(\.slope), count: values.count), priorSlope(values)).map { $0 + $1 }
    return (parts.reduce(0) { $0 + $1.cost } + priorCost(values), slope)
  }

  private func priorSlope(_ values: [Double]) -> [Double] {
    zip(values, moving).map { value, parameter in
      (value - parameter.value / parameter.scale) * priorWeight(parameter) * priorWeight(parameter)
    }
  }

  /// As ``gradient(at:)`` has it, in single precision.
  package func slope(at values: [Double]) throws -> [Double]? {
    guard let slope = try frameSlope(at: values, finer: nil) else { return nil }
    return zip(slope, priorSlope(values)).map { $0 + $1 }
  }

  /// Jᵀr of the frames alone in single precision, with the residuals of this sampling and the derivatives of a finer one; nil
  /// where there is no twin.
  func frameSlope(at values: [Double], finer: FitProblem?) throws -> [Double]? {
    let parameters = try parameters(at: values).freeing(moving.map(\.name))
    guard let finer else {
      guard let twin = try? single.twin(twin.description, parameters) else { return nil }
      return Self.sum(try frameGradients(of: twin, { $0.single }).map(\.slope), count: values.count)
    }
    guard let here = try? twin.with(parameters),
      let fine = try? finer.single.twin(finer.twin.description, parameters)
    else { return nil }
    let residuals = try map(FitWork.frame(sampling: sampling, blur: blur)) { _, target in
      target.residuals(try computed(here, target)).residuals
    }
    return Self.sum(
      try finer.frameGradients(of: fine, { $0.single }, residuals: residuals).map(\.slope), count: values.count)
  }

  /// The cost and the slope of each frame; those of the twin's own residuals when none are given.
  private func frameGradients<Scalar: OpticsScalar>(
    of twin: Twin<Scalar>, _ shown: @Sendable (FrameTarget) -> (pattern: Stack<Scalar>, input: Stack<Scalar>),
    residuals given: [[Double]]? = nil
  ) throws -> [(cost: Double, slope: [Double])] {
    try map(FitWork.slope(sampling: sampling)) { index, target in
      let (pattern, input) = shown(target)
      let tape = try twin.record(layers: pattern, inputs: input, block: block)
      let (own, gain) = target.residuals(tape.intensities.values.map { Double($0) })
      let residuals = given?[index] ?? own
      var gradient = tape.intensities
      // The gain and the offset are the best ones, so that their own changes do not matter.
      for index in residuals.indices {
        gradient.values[index] = Scalar(gain * target.roots[index] * residuals[index] / target.deviation)
      }
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
  func discrepancy(_ parameters: TwinParameters) throws -> Discrepancy { try discrepancy(of: twin.with(parameters)) }

  func discrepancy(of twin: Twin<Double>) throws -> Discrepancy {
    let parts = try map(FitWork.frame(sampling: sampling, blur: blur)) { $1.discrepancy(try computed(twin, $1)) }
    let count = Double(max(1, parts.count))
    return Discrepancy(
      cosine: parts.reduce(0) { $0 + $1.cosine } / count, pearson: parts.reduce(0) { $0 + $1.pearson } / count)
  }

  func computed(_ twin: Twin<Double>, _ target: FrameTarget) throws -> [Double] {
    blur(try twin.forward(layers: target.pattern, inputs: target.input, block: block).values, width: target.width)
  }

  /// Work on every frame, frames in parallel; a few at a time, so that a cancellation does not wait for all of them.
  ///
  /// - Parameter work: what a frame takes; see ``FitWork``.
  func map<Result: Sendable>(_ work: Double, _ body: @Sendable (Int, FrameTarget) throws -> Result) throws -> [Result] {
    var results: [Result] = []
    for start in stride(from: 0, to: targets.count, by: 2 * threads) {
      try Task.checkCancellation()
      let group = min(2 * threads, targets.count - start)
      results += try inParallel(group, threads: threads) { try body(start + $0, targets[start + $0]) }
      meter?.add(Double(group) * work)
    }
    return results
  }
}

/// The results of `body` for 0..<`count`, computed on several threads.
func inParallel<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) throws -> Result
) throws -> [Result] {
  let results = Locked<[Int: Swift.Result<Result, any Error>]>([:])
  concurrently(count, threads: threads) { index in
    let result = Swift.Result { try body(index) }
    results.withLock { $0[index] = result }
  }
  return try results.withLock { results in try (0..<count).compactMap { try results[$0]?.get() } }
}

/// The twin in single precision, made when its derivatives are first wanted.
final class SingleTwin: Sendable {
  private let made = Locked<Twin<Float>?>(nil)

  func twin(_ description: TwinDescription, _ parameters: TwinParameters) throws -> Twin<Float> {
    if let made = made.withLock({ $0 }) { return try made.with(parameters, description.forms) }
    let twin = try Twin<Float>(description, parameters: parameters, threads: 1)
    made.withLock { $0 = twin }
    return twin
  }
}
