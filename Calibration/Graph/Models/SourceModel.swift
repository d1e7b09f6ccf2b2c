import Arrays
import Twin

/// The light that falls on the modulator.
public struct SourceModel: Sendable, Codable, Equatable {
  /// At each grid sample, `[1, grid, grid]`; nil when the bench file's amplitude stays.
  public var amplitude: Stack<Double>?
  /// Its power, profile and wavefront as parameters, and those of the rest of the bench that were found together with them.
  public var parameters: ParameterValues
  /// What of its phase and amplitude no parameter describes; nil for nothing, as in products of versions that knew of none.
  public var map: SourceMap?
  /// What of the layers' phase no parameter describes, which was found together with the light; nil for nothing.
  public var layers: [LayerMap]?

  public init(
    amplitude: Stack<Double>? = nil, parameters: ParameterValues = ParameterValues(), map: SourceMap? = nil,
    layers: [LayerMap]? = nil
  ) {
    self.amplitude = amplitude
    self.parameters = parameters
    self.map = map
    self.layers = layers
  }
}
