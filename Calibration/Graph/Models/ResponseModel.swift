/// The phase that the modulator of the layers makes of a command.
public struct ResponseModel: Sendable, Codable, Equatable {
  /// Radians at equally spaced commands from 0 to 2π, both included; nil when the bench file's response stays.
  public var curve: [Double]?
  /// What differs from it: the slopes of regions, the polynomial, crosstalk, fill factor, zero order.
  public var parameters: ParameterValues
  /// The commands, in parts of a turn, whose phases are known, where a table does not state all; nil for all.
  public var reach: ClosedRange<Double>?

  public init(curve: [Double]?, parameters: ParameterValues = ParameterValues(), reach: ClosedRange<Double>? = nil) {
    self.reach = reach
    self.curve = curve
    self.parameters = parameters
  }
}
