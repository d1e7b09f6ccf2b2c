import Arrays

extension Patient {
  /// How much frames are like what the twin computes for them, each way round.
  public struct Turn: Sendable, Equatable {
    /// How the camera shows the detector plane by bench file and calibrations.
    public var known: Orientation
    /// The correlation for each way to turn and mirror the frames as they are known: `upright` when they are right.
    public var correlations: [Orientation: Double]

    public init(known: Orientation, correlations: [Orientation: Double]) {
      (self.known, self.correlations) = (known, correlations)
    }
  }
}
