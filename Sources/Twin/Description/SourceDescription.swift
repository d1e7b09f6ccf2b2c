import Arrays

/// What is known about the light that falls on the input beside the parameters `illumination…` and `modulatorZernike…`.
public struct SourceDescription: Sendable, Codable, Equatable {
  /// The measured amplitude at each grid sample, `[1, grid, grid]`; uniform when nil.
  public var amplitude: Stack<Double>?
  /// What a calibration found beyond what parameters describe; nothing when nil.
  public var map: SourceMap?

  public init(amplitude: Stack<Double>? = nil, map: SourceMap? = nil) { (self.amplitude, self.map) = (amplitude, map) }
}
