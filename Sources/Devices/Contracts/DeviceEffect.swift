/// A warning of a device that programs can tell from the others.
public struct DeviceEffect: Sendable, Equatable {
  /// What the device does although its driver asked for something else.
  public enum Kind: String, Sendable, CaseIterable {
    /// Exposure, gain or another factor of the frames changes by itself.
    case automatic
    /// Levels are sent to the panel as 16 to 235.
    case limitedRange
    /// Levels are made up of others, from pixel to pixel or from frame to frame.
    case dithering
    /// Patterns are stretched or moved, so that no pixel of theirs is a pixel of the panel.
    case scaling
  }

  public var kind: Kind
  /// The warning.
  public var words: String

  public init(_ kind: Kind, _ words: String) { (self.kind, self.words) = (kind, words) }
}
