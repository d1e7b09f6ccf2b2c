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

/// How a fit is made, and what it may take for granted.
public struct FitOptions: Sendable {
  /// What minimises.
  public var optimiser = FitOptimiser.automatic
  /// The stages one after the other. ``FitStage/standard(_:sampling:blurs:)`` when nil, and once more from the nominal values
  /// through a wider pyramid when the verdict is insufficient.
  public var stages: [FitStage]?
  /// Where the priors stand; at the given values when nil. A search may start elsewhere, at an earlier calibration.
  public var believed: TwinParameters?
  /// Names of parameters that are believed to be off by their priors although this fit does not move them: they widen what it
  /// says of those that it moves. Names that are free are passed over.
  public var considered: [String] = []
  /// Whether the twin's sampling is an approximation, as it is of a bench: what changes in the frames when it is doubled is
  /// then no information. Frames that a twin of the same sampling has computed know of no other.
  public var doubtsSampling = true
  /// Whether frames have a dark level that is to be found with each frame's gain.
  public var fitsOffset = false
  /// Whether a combination of parameters that the frames do not depend on is an error; otherwise it keeps what its priors
  /// say and the report names it.
  public var refusesSingular = true
  /// The largest held-out Pearson discrepancy of a twin that is good enough to train on.
  public var sufficientDiscrepancy = FitVerdict.sufficientDiscrepancy
  /// Parameters up to which Levenberg–Marquardt is chosen.
  public var manyParameters = 120

  public init() {}

  func optimiser(for parameters: Int, blur: Double) -> FitOptimiser {
    if blur > 0 { return .levenbergMarquardt }
    guard optimiser == .automatic else { return optimiser }
    return parameters <= manyParameters ? .levenbergMarquardt : .adam
  }
}

extension TwinParameters {
  /// The parameters that move the light as a whole.
  public static let alignmentNames = ["spacing", "mirrorGap", "mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"]
}
