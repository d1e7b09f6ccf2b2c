extension Patient {
  /// One white image, again and again: what changes from frame to frame is not the image.
  public struct Series: Sendable, Equatable {
    public struct Moment: Sendable, Equatable {
      /// The middle of the exposure, in seconds on the clock of the bench.
      public var time: Double
      /// The frame's number since the camera was started.
      public var sequence: UInt64
      /// As ``Look/mean``.
      public var mean: Double
      /// How far the picture lies from that of the mean of all frames, in camera pixels.
      public var x: Double
      public var y: Double

      public init(time: Double, sequence: UInt64, mean: Double, x: Double = 0, y: Double = 0) {
        (self.time, self.sequence, self.mean, self.x, self.y) = (time, sequence, mean, x, y)
      }
    }

    public var moments: [Moment]
    /// Seconds.
    public var exposure: Double
    /// Standard deviation of a frame's place along x or y, in camera pixels, by what is left of the frames; nil where the picture has
    /// nothing to see it by.
    public var placeError: Double?

    public init(moments: [Moment], exposure: Double, placeError: Double? = nil) {
      (self.moments, self.exposure, self.placeError) = (moments, exposure, placeError)
    }

    var means: [Double] { moments.map(\.mean) }

    /// The swing of the brightness at a frequency; nil where the times of the frames do not show it.
    func tone(at frequency: Double) -> Tone? { Tone(of: means, at: moments.map(\.time), frequency: frequency) }
  }
}
