import Arrays

/// The light that falls on the modulator.
public struct SourceModel: Sendable, Codable, Equatable {
  /// At each grid sample, `[1, grid, grid]`; nil when the bench file's amplitude stays.
  public var amplitude: Stack<Double>?
  /// Its power, profile and wavefront as parameters.
  public var parameters: ParameterValues

  public init(amplitude: Stack<Double>? = nil, parameters: ParameterValues = ParameterValues()) {
    self.amplitude = amplitude
    self.parameters = parameters
  }
}
