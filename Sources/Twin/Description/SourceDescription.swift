import Arrays

/// What is known and fixed about the light that falls on the input; what is fitted are the parameters `illumination…` and
/// `modulatorZernike…`.
public struct SourceDescription: Sendable, Codable, Equatable {
  /// The measured amplitude at each grid sample, `[1, grid, grid]`; uniform when nil.
  public var amplitude: Stack<Double>?

  public init(amplitude: Stack<Double>? = nil) { self.amplitude = amplitude }
}
