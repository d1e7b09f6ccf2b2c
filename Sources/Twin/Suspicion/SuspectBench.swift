import Arrays
import Fitting
import Foundation
import Measuring

/// A bench whose fit was refused, and what trials may do with it: fit the alignment quickly as if something else were true.
struct SuspectBench {
  let twin: Twin<Double>
  let data: FitData
  /// The Pearson discrepancy of the refused fit.
  let refused: Double
  /// How the camera is believed to show the plane.
  let orientation: Orientation
  private let screened: Double

  init(_ twin: Twin<Double>, _ data: FitData, refused: Discrepancy, orientation: Orientation) throws {
    self.twin = twin
    self.data = data
    self.refused = refused.pearson
    self.orientation = orientation
    screened = try Self.screen(Hypothesis(twin, data), threads: twin.threads).discrepancy
  }

  /// The alignment's parameters that this bench has.
  var alignment: [String] { twin.parameters.names.filter { TwinParameters.alignmentNames.contains($0) } }

  /// The parameter that is the distance between two planes.
  var distance: TwinParameter? {
    twin.parameters.parameter(named: "mirrorGap") ?? twin.parameters.parameter(named: "spacing")
  }

  /// What the bench would be if something were otherwise than believed.
  struct Hypothesis {
    var description: TwinDescription
    var parameters: TwinParameters
    var data: FitData
    /// What moves besides the alignment.
    var alsoFree: [String] = []

    fileprivate init(_ twin: Twin<Double>, _ data: FitData) {
      (description, parameters, self.data) = (twin.description, twin.parameters, data)
    }

    var free: [String] {
      parameters.names.filter { TwinParameters.alignmentNames.contains($0) || alsoFree.contains($0) }
    }
  }

  /// What a hypothesis comes to.
  struct Outcome {
    var parameters: TwinParameters
    var discrepancy: Double
  }

  /// The present belief with a change.
  func hypothesis(_ change: (inout Hypothesis) throws -> Void) rethrows -> Hypothesis {
    var hypothesis = Hypothesis(twin, data)
    try change(&hypothesis)
    return hypothesis
  }

  // MARK: - Fits

  /// The hypothesis that explains the frames best, with its index; nil when none does clearly better than the refused fit.
  func best(of hypotheses: [Hypothesis]) throws -> (index: Int, outcome: Outcome)? {
    var best: (index: Int, outcome: Outcome)?
    for (index, hypothesis) in hypotheses.enumerated() {
      try Task.checkCancellation()
      // What makes no twin at all explains nothing.
      guard let outcome = try ignoringTwinErrors({ try Self.screen(hypothesis, threads: twin.threads) }) else {
        continue
      }
      if outcome.discrepancy < best?.outcome.discrepancy ?? .infinity { best = (index, outcome) }
    }
    guard let best, best.outcome.discrepancy < Self.promising * screened else { return nil }
    let confirmed = try ignoringTwinErrors {
      try confirm(hypotheses[best.index], from: best.outcome.parameters)
    }
    guard let confirmed, confirmed.discrepancy < Self.convincing * refused else { return nil }
    return (best.index, confirmed)
  }

  /// The few of many hypotheses that agree best with frames after a quick look, as indices, the best first.
  func shortlist(_ hypotheses: [Hypothesis], keeping count: Int) throws -> [Int] {
    guard hypotheses.count > count else { return Array(hypotheses.indices) }
    var looks: [(index: Int, discrepancy: Double)] = []
    for (index, hypothesis) in hypotheses.enumerated() {
      try Task.checkCancellation()
      let outcome = try ignoringTwinErrors { try Self.screen(hypothesis, by: Self.quick, threads: twin.threads) }
      if let outcome { looks.append((index, outcome.discrepancy)) }
    }
    return looks.sorted { $0.discrepancy < $1.discrepancy }.prefix(count).map(\.index)
  }

  private func ignoringTwinErrors<Result>(_ body: () throws -> Result) throws -> Result? {
    do { return try body() } catch is TwinError { return nil } catch is FitError { return nil }
  }

  /// A hypothesis is fitted in full when blurred frames agree with it so much better than with the belief, and named when
  /// sharp ones do.
  private static let (promising, convincing) = (0.8, 0.5)

  /// Standard deviations of the blurs, and steps with each; frames that are looked at.
  private struct Screening {
    var blurs: [Double]
    var steps: Int
    var frames: Int
  }

  private static let thorough = Screening(blurs: [8, 4], steps: 6, frames: 8)
  private static let quick = Screening(blurs: [8], steps: 4, frames: 4)

  /// The alignment by a few blurred frames.
  private static func screen(
    _ hypothesis: Hypothesis, by screening: Screening = thorough, threads: Int
  ) throws -> Outcome {
    var description = hypothesis.description
    description.geometry.sampling = 1
    var outcome = Outcome(parameters: try hypothesis.parameters.freeing([]), discrepancy: .infinity)
    let known = try hypothesis.parameters.freeing(hypothesis.free)
    let data = hypothesis.data
    for sigma in screening.blurs {
      let blur = FrameBlur(sigma: sigma)
      let problem = FitProblem(
        twin: try Twin<Double>(description, parameters: outcome.parameters, threads: 1),
        parameters: outcome.parameters, moving: hypothesis.free.compactMap { known.parameter(named: $0) },
        targets: data.fitted.prefix(screening.frames).map {
          FrameTarget(data, frame: $0, blur: blur, fitsOffset: true)
        },
        block: data.block, blur: blur, threads: threads)
      var search = LevenbergMarquardt()
      search.maximumIterations = screening.steps
      search.tolerance = 1e-2
      let result = try search.minimise(
        problem, from: problem.values(of: outcome.parameters), bounds: problem.bounds)
      outcome.parameters = problem.parameters(at: result.values)
      outcome.discrepancy = try problem.discrepancy(outcome.parameters).pearson
    }
    return outcome
  }

  /// A fit as it should be, judged as the refused one was.
  private func confirm(_ hypothesis: Hypothesis, from start: TwinParameters) throws -> Outcome {
    var options = FitOptions()
    options.refusesSingular = false
    options.fitsOffset = true
    options.stages =
      [4.0, 2, 0].map { FitStage(blur: $0, sampling: 1, iterations: 6) }
      + [FitStage(sampling: hypothesis.description.geometry.sampling, iterations: 6)]
    let twin = try Twin<Double>(
      hypothesis.description, parameters: hypothesis.parameters.replacingValues(start), threads: twin.threads)
    let report = try twin.fit(hypothesis.data, free: hypothesis.free, options: options)
    return Outcome(parameters: report.parameters, discrepancy: report.after.pearson)
  }
}
