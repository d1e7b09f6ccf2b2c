import Arrays
import Twin

/// One trained layer set: the phase layers and the readout that serve a range of steps.
public struct LayerSet: Sendable, Codable, Equatable {
  /// The steps served.
  public let firstStep: Int
  public let lastStep: Int
  /// Phases in radians, `[layers, grid, grid]`.
  public var phases: Stack<Float>
  /// Trained numbers of the readout.
  public var readoutParameters: [Float]
  /// Fixed statistics of a readout that needs them, measured on the unit that will be used.
  public var statistics: ReadoutStatistics?
  /// Trained numbers of the objective.
  public var objectiveParameters: [Float]

  private enum CodingKeys: String, CodingKey {
    case firstStep, lastStep, phases, readoutParameters, statistics
    case objectiveParameters = "headParameters"
  }

  public var steps: ClosedRange<Int> { firstStep...lastStep }

  public init(
    steps: ClosedRange<Int>, phases: Stack<Float>, readoutParameters: [Float], objectiveParameters: [Float]
  ) {
    (firstStep, lastStep, self.phases) = (steps.lowerBound, steps.upperBound, phases)
    (self.readoutParameters, self.objectiveParameters) = (readoutParameters, objectiveParameters)
  }

  /// A set for other steps that starts where `other` ended.
  public init(steps: ClosedRange<Int>, from other: LayerSet) {
    self.init(
      steps: steps, phases: other.phases, readoutParameters: other.readoutParameters,
      objectiveParameters: other.objectiveParameters)
  }
}

extension LayerSet {
  /// Refuses numbers of a file that no set has.
  ///
  /// - Parameter pixels: of an image.
  /// - Throws: ``TrainingError/argument(_:)``.
  func check(_ method: Method, pixels: Int) throws {
    let steps = method.recipe.schedule.steps
    try TrainingError.require(
      1 <= firstStep && firstStep <= lastStep && lastStep <= steps,
      "a layer set for steps of 1 to \(steps), found \(firstStep) to \(lastStep)")
    try TrainingError.require(phases.values.allSatisfy(\.isFinite), "finite phases")
    let readout = method.readout.make(pixels).parameters.count
    let objective = method.objective.initialParameters.count
    try TrainingError.require(
      readoutParameters.count == readout && objectiveParameters.count == objective,
      "\(readout) numbers of the readout and \(objective) of the objective, found \(readoutParameters.count) and "
        + "\(objectiveParameters.count)")
    try TrainingError.require(statistics.map { $0.mean.count == pixels } ?? true, "statistics of \(pixels) pixels")
  }
}
