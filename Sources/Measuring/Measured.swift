import Arrays

/// An optical unit's answer: intensities, and how they came about.
public struct Measured: Sendable, Equatable {
  /// Mean intensities `[batch, height, width]` of the detector's region. The scale differs between units (a camera counts, a
  /// twin computes) and is not part of the answer.
  public var intensities: Stack<Float>
  /// The intensity at which the detector clips; nil when it has no limit.
  public var saturation: Float?
  /// How the images were exposed; nil when nothing is known of it. A unit that computes exposes nothing, and so has no times.
  public var exposures: Exposures?

  public init(intensities: Stack<Float>, saturation: Float? = nil, exposures: Exposures? = nil) {
    self.intensities = intensities
    self.saturation = saturation
    self.exposures = exposures
  }

  /// Whether any sample clipped, also one that disappears in the mean of its block.
  public var isSaturated: Bool {
    if let exposures { return exposures.images.contains { $0.clipped > 0 } }
    guard let saturation else { return false }
    return intensities.values.contains { $0 >= saturation }
  }
}

/// How the images of one measurement were exposed.
public struct Exposures: Sendable, Equatable {
  /// One for each image, in the order of the intensities.
  public var images: [Exposure]
  /// What became of the frames that were looked at, the rejected ones included.
  public var matching: MatchingReport
  /// What the camera had in force.
  public var settings: CameraSettings

  public init(images: [Exposure], matching: MatchingReport, settings: CameraSettings) {
    self.images = images
    self.matching = matching
    self.settings = settings
  }
}

/// When an image was shown, and the frame that was credited to it. Times are nanoseconds on the clock of the bench.
public struct Exposure: Sendable, Equatable {
  /// When the image reached its panel, as the receipt says.
  public var presented: UInt64
  /// How that is known.
  public var evidence: PresentationEvidence
  /// From when on layers and image were at rest.
  public var settled: UInt64
  /// The exposure of the frame.
  public var start: UInt64
  public var end: UInt64
  /// The frame's number since the camera was started.
  public var sequence: UInt64
  /// Frames that were rejected before this one was accepted.
  public var rejected: Int
  /// Pixels of the detector's region at full scale.
  public var clipped: Int

  public init(
    presented: UInt64, evidence: PresentationEvidence, settled: UInt64, start: UInt64, end: UInt64, sequence: UInt64,
    rejected: Int = 0, clipped: Int = 0
  ) {
    self.presented = presented
    self.evidence = evidence
    self.settled = settled
    self.start = start
    self.end = end
    self.sequence = sequence
    self.rejected = rejected
    self.clipped = clipped
  }
}

/// How it is known when a pattern reached its panel.
public enum PresentationEvidence: Sendable, Equatable {
  /// The display controller reported the page flip.
  case flipEvent
  /// A wait for the vertical blank ended, after a duration that was checked.
  case verticalBlank
  /// The device acknowledged the pattern.
  case acknowledged
  /// Only estimated; the pattern was there at most `bound` nanoseconds after the time that is stated.
  case estimated(bound: UInt64)
}
