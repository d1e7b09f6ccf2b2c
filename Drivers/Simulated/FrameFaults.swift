/// Faults of the camera, as probabilities for each frame.
public struct FrameFaults: Sendable, Codable, Equatable {
  /// The frame is never delivered.
  public var dropped: Double
  /// The frame is delivered twice with the same sequence number.
  public var duplicated: Double
  /// The frame carries the content of the one before, with its own sequence number and times.
  public var stale: Double
  /// The frame has no light.
  public var black: Double
  /// The frame is flagged as erroneous and its content is noise.
  public var erroneous: Double

  public init(
    dropped: Double = 0, duplicated: Double = 0, stale: Double = 0, black: Double = 0, erroneous: Double = 0
  ) {
    self.dropped = dropped
    self.duplicated = duplicated
    self.stale = stale
    self.black = black
    self.erroneous = erroneous
  }
}
