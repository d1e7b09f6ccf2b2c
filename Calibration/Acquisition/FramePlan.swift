import Arrays
import MeasurementFiles

/// The frames that a routine wants: one of each pattern, and second ones that tell the noise.
public struct FramePlan: Sendable, Equatable {
  /// Phases in radians, `[layers, grid, grid]` each.
  public var patterns: [Stack<Float>]
  /// The image on the beam of all of them, `[1, size, size]`.
  public var input: Stack<Float>
  /// Grid samples along each side of a frame's sample.
  public var block: Int
  /// How many of them, the last ones, no fit sees.
  public var heldOut: Int
  /// How many, the first ones, are shown once more at the end: what differs between the two frames is noise.
  public var repeats: Int

  public init(patterns: [Stack<Float>], input: Stack<Float>, block: Int = 1, heldOut: Int, repeats: Int = 1) {
    self.patterns = patterns
    self.input = input
    self.block = block
    self.heldOut = heldOut
    self.repeats = repeats
  }

  /// Frames that are taken when none of them saturates.
  public var frames: Int { patterns.count + repeats }

  /// The frames that are held out, counted from 0.
  public var heldOutFrames: [Int] { Array(patterns.count - heldOut..<patterns.count) }

  func use(of frame: Int) -> FrameUse {
    if frame >= patterns.count { return .repeated }
    return frame < patterns.count - heldOut ? .fitted : .heldOut
  }
}
