/// What is known and fixed about the modulator of the layers; what is fitted are the parameters `response…`, `crosstalk`,
/// `fillFactor` and `zeroOrderPhase`.
public struct PhaseModulatorDescription: Sendable, Codable, Equatable {
  /// Phases of one turn that it tells apart; nil for a continuous one.
  public var levels: Int?
  /// The measured phase in radians at equally spaced commands from 0 to 2π, both included; interpolated linearly. The command
  /// itself when nil.
  public var response: [Double]?
  /// Each layer has `regions`² regions with a slope of their own, the parameters `plane1Response1`, …; 0 for none.
  public var regions: Int
  /// A measured kernel, in layer pixels, with which the phase of neighbouring pixels runs together: rows of odd number and
  /// length. Normalised to sum 1.
  public var crosstalkKernel: [[Double]]?
  /// What a calibration found of the phase of each layer beyond what parameters describe; nothing when nil.
  public var maps: [LayerMap]?
  /// The commands, in parts of a turn, whose phases are known; nil for all. Of the others none is chosen for a phase.
  public var reach: ClosedRange<Double>?
  /// Chooses the commands of layers that are phases to be shown; nil where layers are commands, as bench files have it.
  public var inverse: PhaseInverse?

  public init(
    levels: Int? = nil, response: [Double]? = nil, regions: Int = 0, crosstalkKernel: [[Double]]? = nil,
    maps: [LayerMap]? = nil,
    reach: ClosedRange<Double>? = nil, inverse: PhaseInverse? = nil
  ) {
    self.levels = levels
    self.response = response
    self.regions = regions
    self.crosstalkKernel = crosstalkKernel
    (self.maps, self.reach, self.inverse) = (maps, reach, inverse)
  }
}
