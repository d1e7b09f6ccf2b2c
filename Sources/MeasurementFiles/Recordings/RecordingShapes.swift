import Arrays

/// The shapes of what a run shows and sees, which do not change while it is recorded.
public struct RecordingShapes: Sendable, Equatable {
  /// Count, height and width of the phase layers.
  public var layers: [Int]
  /// Height and width of an input image.
  public var input: [Int]
  /// Height and width of a detector frame.
  public var frame: [Int]

  public init(layers: [Int], input: [Int], frame: [Int]) {
    self.layers = layers
    self.input = input
    self.frame = frame
  }

  /// Those of a block of images.
  public init(layers: Stack<Float>, inputs: Stack<Float>, frames: Stack<Float>) {
    self.init(
      layers: [layers.count, layers.height, layers.width], input: [inputs.height, inputs.width],
      frame: [frames.height, frames.width])
  }
}
