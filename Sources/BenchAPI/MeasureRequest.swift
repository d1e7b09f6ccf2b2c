import Catalogues

/// The body of `POST /v1/measure` and the parameters of a `measure` job. Arrays are named as they were uploaded with
/// `PUT /v1/arrays/<name>`.
public struct MeasureRequest: Codable, Sendable, Equatable {
  /// Phases in radians, `[layers, grid, grid]`. Once the response of the bench was calibrated, they are what the modulator shows.
  public var layers: String
  /// Images with values in 0…1, `[batch, size, size]`; one white image when absent.
  public var inputs: String?
  /// Grid samples along each side of one detector sample; the bench's own when absent.
  public var block: Int?
  /// Whether the layers are what the modulator receives, whatever it shows; false when absent.
  public var commands: Bool?

  /// Without the answer of a calibrated response.
  public var areCommands: Bool { commands ?? false }

  public init(layers: String, inputs: String? = nil, block: Int? = nil, commands: Bool? = nil) {
    self.commands = commands
    self.layers = layers
    self.inputs = inputs
    self.block = block
  }
}

extension MeasureRequest {
  public static let declaration = Declaration(
    "measure", "Measures uploaded patterns on the bench",
    parameters: [
      Parameter("layers", .text, "Name of an array of phases, [layers, grid, grid]", unit: "rad", isRequired: true),
      Parameter("inputs", .text, "Name of an array of images in 0…1, [batch, size, size]; one white image if empty"),
      Parameter(
        "block", .integer(1...Int.max), "Grid samples along each side of a detector sample; the bench's own if empty"),
      Parameter(
        "commands", .flag,
        "Layers are what the modulator receives, whatever it then shows; if empty, what it shows by its calibrated response"
      ),
    ])
}
