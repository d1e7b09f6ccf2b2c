/// The body of `POST /v1/measure` and the parameters of a `measure` job. Arrays are named as they were uploaded with
/// `PUT /v1/arrays/<name>`.
public struct MeasureRequest: Codable, Sendable, Equatable {
  /// Phases in radians, `[layers, grid, grid]`.
  public var layers: String
  /// Images with values in 0…1, `[batch, size, size]`; one white image when absent.
  public var inputs: String?
  /// Grid samples along each side of one detector sample; the bench's own when absent.
  public var block: Int?

  public init(layers: String, inputs: String? = nil, block: Int? = nil) {
    self.layers = layers
    self.inputs = inputs
    self.block = block
  }
}
