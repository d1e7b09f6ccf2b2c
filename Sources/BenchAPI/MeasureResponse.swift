import Foundation
import Measuring

/// What `POST /v1/measure?format=json` answers: the frames, and how they were made.
public struct MeasureResponse: Codable, Sendable, Equatable {
  /// The bytes of an `.npy` file, float32 `[batch, height, width]`; base64 in JSON.
  public var frames: Data
  public var evidence: MeasureEvidence

  public init(frames: Data, evidence: MeasureEvidence) {
    self.frames = frames
    self.evidence = evidence
  }
}

/// How frames were made. A `measure` job leaves it as the artefact `evidence.json`.
public struct MeasureEvidence: Codable, Sendable, Equatable {
  /// The intensity at which the detector clips; nil when it has no limit.
  public var saturation: Float?
  /// What the camera had in force; this and the next are nil when nothing is known of the exposures.
  public var settings: CameraSettings?
  /// What became of the frames that were looked at, the rejected ones included.
  public var matching: MatchingReport?
  /// One for each image; empty when nothing is known.
  public var images: [Image]

  /// When an image was shown, and the frame that was credited to it. Times are nanoseconds on the clock of the bench.
  public struct Image: Codable, Sendable, Equatable {
    /// When the image reached its panel.
    public var presented: UInt64
    /// How that is known: `flipEvent`, `verticalBlank`, `acknowledged` or `estimated`.
    public var evidence: String
    /// How much later than stated an estimate may be.
    public var bound: UInt64?
    /// From when on layers and image were at rest.
    public var settled: UInt64
    /// The exposure of the frame.
    public var exposureStart: UInt64
    public var exposureEnd: UInt64
    /// The frame's number since the camera was started.
    public var sequence: UInt64
    /// Frames that were rejected before this one was accepted.
    public var rejected: Int
    /// Pixels of the detector's region at full scale.
    public var clipped: Int
  }

  public init(_ measured: Measured) {
    saturation = measured.saturation
    settings = measured.exposures?.settings
    matching = measured.exposures?.matching
    images = measured.exposures?.images.map(Image.init) ?? []
  }
}

extension MeasureEvidence.Image {
  init(_ exposure: Exposure) {
    self.init(
      presented: exposure.presented, evidence: exposure.evidence.name, bound: exposure.evidence.bound,
      settled: exposure.settled, exposureStart: exposure.start, exposureEnd: exposure.end,
      sequence: exposure.sequence, rejected: exposure.rejected, clipped: exposure.clipped)
  }
}

extension PresentationEvidence {
  /// The name that clients get.
  public var name: String {
    switch self {
    case .flipEvent: "flipEvent"
    case .verticalBlank: "verticalBlank"
    case .acknowledged: "acknowledged"
    case .estimated: "estimated"
    }
  }

  fileprivate var bound: UInt64? { if case .estimated(let bound) = self { bound } else { nil } }
}
