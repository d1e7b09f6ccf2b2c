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
