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
  /// The frame is delivered only after ``lateness``, with its own times.
  public var late: Double
  /// The lower half of the frame is missing, and the frame is flagged as incomplete.
  public var torn: Double
  /// The camera delivers nothing from this frame on, until it is restarted.
  public var hung: Double
  /// The camera is unplugged during this frame, and plugged in again after ``outage``.
  public var disconnected: Double
  /// Delay of late frames in seconds.
  public var lateness: Double
  /// How long the camera stays unplugged, in seconds.
  public var outage: Double

  public init(
    dropped: Double = 0, duplicated: Double = 0, stale: Double = 0, black: Double = 0, erroneous: Double = 0,
    late: Double = 0, torn: Double = 0, hung: Double = 0, disconnected: Double = 0, lateness: Double = 0.02,
    outage: Double = 2
  ) {
    self.dropped = dropped
    self.duplicated = duplicated
    self.stale = stale
    self.black = black
    self.erroneous = erroneous
    self.late = late
    self.torn = torn
    self.hung = hung
    self.disconnected = disconnected
    self.lateness = lateness
    self.outage = outage
  }
}
