/// How a fit goes about it.
public enum FitOptimiser: String, Sendable, Codable, CaseIterable {
  /// Levenberg–Marquardt up to ``FitOptions/manyParameters``, Adam beyond.
  case automatic
  /// Few iterations, each as dear as there are parameters.
  case levenbergMarquardt = "lm"
  /// Many iterations, each as dear as three forward computations. Its gradient is that of unblurred frames: stages with a
  /// blur, which move the alignment alone, take Levenberg–Marquardt all the same.
  case adam
}

/// One stage of a fit.
public struct FitStage: Sendable, Equatable {
  /// Standard deviation in samples of the frame with which twin and frames are blurred; 0 for none. A blur widens the basin
  /// of the alignment, and clipped samples take part in it.
  public var blur: Double
  /// The parameters that move; all free ones when nil.
  public var names: [String]?
  /// Samples of the twin along each side of a layer pixel.
  public var sampling: Int
  /// Steps at most; Adam takes 20 times as many.
  public var iterations: Int

  public init(blur: Double = 0, names: [String]? = nil, sampling: Int, iterations: Int = 8) {
    self.blur = blur
    self.names = names
    self.sampling = sampling
    self.iterations = iterations
  }

  /// What was found to work: the alignment alone through a pyramid of blurs, widest first, then everything without blur,
  /// first coarsely, then as finely as the twin is sampled. Without alignment among the free parameters there is no pyramid.
  public static func standard(free names: [String], sampling: Int) -> [FitStage] {
    let alignment = names.filter { TwinParameters.alignmentNames.contains($0) }
    var stages =
      alignment.isEmpty ? [] : [8.0, 4, 2, 0].map { FitStage(blur: $0, names: alignment, sampling: 1, iterations: 8) }
    if alignment.count < names.count || stages.isEmpty { stages.append(FitStage(sampling: 1, iterations: 10)) }
    if sampling > 1 { stages.append(FitStage(sampling: sampling, iterations: 10)) }
    return stages
  }
}

public struct FitOptions: Sendable {
  public var optimiser = FitOptimiser.automatic
  /// The stages one after the other; ``FitStage/standard(free:sampling:)`` when nil.
  public var stages: [FitStage]?
  /// Whether frames have a dark level that is to be found with each frame's gain.
  public var fitsOffset = false
  /// Whether a combination of parameters that the frames do not depend on is an error; otherwise it keeps what its priors
  /// say and the report names it.
  public var refusesSingular = true
  /// The largest held-out Pearson discrepancy of a twin that is good enough to train on.
  public var sufficientDiscrepancy = 0.03
  /// Parameters up to which Levenberg–Marquardt is chosen.
  public var manyParameters = 120

  public init() {}

  func optimiser(for parameters: Int, blur: Double) -> FitOptimiser {
    if blur > 0 { return .levenbergMarquardt }
    guard optimiser == .automatic else { return optimiser }
    return parameters <= manyParameters ? .levenbergMarquardt : .adam
  }
}

/// How far a fit is.
public struct FitProgress: Sendable, Equatable {
  /// The stage at work, counted from 0, and how many there are.
  public var stage: Int
  public var stages: Int
  /// Steps of this stage that are done, and how many there are at most.
  public var iteration: Int
  public var iterations: Int
  /// The cost so far, as a part of the frames' variance.
  public var residual: Double
}

extension TwinParameters {
  /// The parameters that move the light as a whole; a fit finds them first.
  public static let alignmentNames = ["spacing", "mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"]
}
