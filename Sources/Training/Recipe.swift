import Diffusion
import Twin

/// Every choice of a training, as data.
public struct Recipe: Sendable, Codable, Equatable {
  public enum ReadoutKind: String, Sendable, Codable, CaseIterable {
    /// The paper's: every image to zero mean and unit deviation.
    case zScore
    /// z-score with one trained gain and bias.
    case affine
    /// z-score with a trained gain and bias of each pixel.
    case pixelAffine
    /// The signed contrast of the left and the right half of the detector, with one trained gain and bias.
    case differential
    /// The same of even and odd columns of the detector.
    case interleavedDifferential
    /// Per-pixel affine of batch-normalised intensities.
    case batchNormalised
  }

  /// Last step of every layer set; 0 first, T last.
  public var edges: [Int]
  public var scaling: InputScaling
  public var readout: ReadoutKind
  public var head: DenoisingHead
  /// Images per training step.
  public var batch: Int
  /// Learning rate of the phases from a random start, and when they start from a trained set.
  public var phaseRate: Double
  public var warmPhaseRate: Double
  /// Learning rate of readout and head.
  public var readoutRate: Double
  /// Standard deviation of the random phases at the start, in radians.
  public var phaseSpread: Double

  public init(
    edges: [Int], scaling: InputScaling = InputScaling(), readout: ReadoutKind = .batchNormalised,
    head: DenoisingHead = .saturatingImage, batch: Int = 32, phaseRate: Double = 0.1, warmPhaseRate: Double = 0.07,
    readoutRate: Double = 0.02, phaseSpread: Double = 0.1
  ) {
    self.edges = edges
    self.scaling = scaling
    self.readout = readout
    self.head = head
    self.batch = batch
    self.phaseRate = phaseRate
    self.warmPhaseRate = warmPhaseRate
    self.readoutRate = readoutRate
    self.phaseSpread = phaseSpread
  }

  /// What gives recognisable digits: predict the image through a saturating, batch-normalised readout; fine sets where
  /// the images are decided.
  public static let recognisable = Recipe(edges: [0, 100, 160, 230, 300, 380, 460, 550, 680, 1000])

  /// The paper's own choices (sections 3 and 4.1): noise as the target, z-score, ten equal sets, learning rate 0.006.
  public static let paper = Recipe(
    edges: Array(stride(from: 0, through: 1000, by: 100)), readout: .zScore, head: .noise, phaseRate: 0.006,
    warmPhaseRate: 0.006)

  /// The share of the training images that each set gets, most where the images are decided, in the order of the edges.
  public func shares() -> [Double] {
    let policy = zip(edges, edges.dropFirst())
    let weights = policy.map { lower, upper -> Double in
      switch (lower + upper) / 2 {
      case ..<100: 0.4
      case ..<230: 0.9
      case ..<300: 1.2
      case ..<680: 1.8
      default: 0.4
      }
    }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }
}
