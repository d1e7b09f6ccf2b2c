/// When an image was shown and seen. Times are nanoseconds of `CLOCK_MONOTONIC`, zero when they are not known.
public struct ImageTiming: Sendable, Equatable {
  /// The running number that the bench gives to its measured images.
  public var sequence: UInt64
  /// When the pattern was on the modulator.
  public var presented: UInt64
  /// When the exposure of the accepted frame began.
  public var exposureStart: UInt64

  public init(sequence: UInt64, presented: UInt64, exposureStart: UInt64) {
    self.sequence = sequence
    self.presented = presented
    self.exposureStart = exposureStart
  }
}
