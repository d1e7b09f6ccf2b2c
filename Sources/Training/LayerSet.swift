import Arrays
import Diffusion
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
  /// Fixed statistics of a batch-normalised readout, measured on the unit that will be used.
  public var statistics: BatchNormalisedReadout.Statistics?
  /// Trained numbers of the head.
  public var headParameters: [Float]

  public var steps: ClosedRange<Int> { firstStep...lastStep }

  /// A fresh set: `phases` at the start, readout and head at their initial values.
  ///
  /// - Parameter pixels: detector samples per image.
  public init(steps: ClosedRange<Int>, phases: Stack<Float>, recipe: Recipe, pixels: Int) {
    firstStep = steps.lowerBound
    lastStep = steps.upperBound
    self.phases = phases
    readoutParameters = recipe.makeReadout(pixels: pixels).parameters
    headParameters = recipe.head.initialParameters
  }

  /// A set for other steps that starts where `other` ended.
  public init(steps: ClosedRange<Int>, from other: LayerSet) {
    firstStep = steps.lowerBound
    lastStep = steps.upperBound
    phases = other.phases
    readoutParameters = other.readoutParameters
    headParameters = other.headParameters
  }

  /// The readout with this set's numbers.
  public func readout(_ recipe: Recipe, pixels: Int) -> any Readout {
    var readout = recipe.makeReadout(pixels: pixels)
    readout.parameters = readoutParameters
    if var normalised = readout as? BatchNormalisedReadout {
      normalised.frozen = statistics
      return normalised
    }
    return readout
  }
}

extension LayerSet {
  /// Refuses numbers of a file that no set has.
  ///
  /// - Parameters:
  ///   - steps: those of the schedule.
  ///   - pixels: of an image.
  /// - Throws: ``TrainingError/argument(_:)``.
  func check(_ recipe: Recipe, steps: Int, pixels: Int) throws {
    try TrainingError.require(
      1 <= firstStep && firstStep <= lastStep && lastStep <= steps,
      "a layer set for steps of 1 to \(steps), found \(firstStep) to \(lastStep)")
    try TrainingError.require(phases.values.allSatisfy(\.isFinite), "finite phases")
    let (readout, head) = (recipe.makeReadout(pixels: pixels).parameters.count, recipe.head.initialParameters.count)
    try TrainingError.require(
      readoutParameters.count == readout && headParameters.count == head,
      "\(readout) numbers of the readout and \(head) of the head, found \(readoutParameters.count) and "
        + "\(headParameters.count)")
    try TrainingError.require(statistics.map { $0.mean.count == pixels } ?? true, "statistics of \(pixels) pixels")
  }
}

extension Recipe.ReadoutKind {
  /// Detector columns that make one column of an image.
  public var samplesPerPixel: Int {
    switch self {
    case .zScore, .affine, .pixelAffine, .batchNormalised: 1
    case .differential, .interleavedDifferential: 2
    }
  }
}

extension Recipe {
  /// A readout at its initial values for `pixels` detector samples per image.
  public func makeReadout(pixels: Int) -> any Readout {
    switch readout {
    case .zScore: ZScoreReadout()
    case .affine: ZScoreReadout(isAffine: true)
    case .pixelAffine: PixelAffineReadout(pixels: pixels)
    case .differential: DifferentialReadout(.halves)
    case .interleavedDifferential: DifferentialReadout(.interleaved)
    case .batchNormalised: BatchNormalisedReadout(pixels: pixels)
    }
  }
}
