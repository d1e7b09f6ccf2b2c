/// What a frame is for in the fit of its series.
public enum FrameUse: Int, Sendable, Codable, CaseIterable {
  /// It is no frame for a fit.
  case other
  case fitted
  /// Kept apart, to judge the fit.
  case heldOut
  /// A second frame of something that the series has shown before: what differs is noise.
  case repeated
}

/// What a recorded frame is for.
public struct FrameMark: Sendable, Codable, Equatable {
  /// Frames of one number belong together. A series that is given up, because a frame of it saturates, is followed by one of a
  /// higher number.
  public var series: Int
  public var use: FrameUse

  public init(series: Int, use: FrameUse) {
    self.series = series
    self.use = use
  }

  /// What the frames are for that the present task asks for; nil when it did not say. It accompanies the question to the
  /// recorder of the answer, through all that stands in between.
  @TaskLocal public static var current: FrameMark?
}
