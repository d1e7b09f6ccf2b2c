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
