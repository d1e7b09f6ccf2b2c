/// The phase that the modulator of the layers makes of a command.
public struct ResponseModel: Sendable, Codable, Equatable {
  /// Radians at equally spaced commands from 0 to 2π, both included; nil when the bench file's response stays.
  public var curve: [Double]?
  /// What differs from it: the slopes of regions, the polynomial, crosstalk, fill factor, zero order.
  public var parameters: ParameterValues

  public init(curve: [Double]?, parameters: ParameterValues = ParameterValues()) {
    self.curve = curve
    self.parameters = parameters
  }
}
