import Arrays
import Measuring

/// What a recording says of the run: enough to do it again.
public struct RecordingAttributes: Sendable, Equatable {
  /// The version of the software, and the revision of its source code.
  public var software: String
  public var revision: String
  /// The kind of the job, its parameters as JSON, and its seed when it has one.
  public var kind: String
  public var parameters: String
  public var seed: UInt64?
  /// The text of the bench file, and the configuration in force as JSON.
  public var bench: String
  public var configuration: String
  /// How the camera shows the detector plane; the recorded frames have been laid upright.
  public var orientation: Orientation
  /// Grid samples along each side of a sample of the frames; nil when unknown.
  public var block: Int?
  /// The intensity at which samples clip; nil when they do not.
  public var saturation: Double?
  /// What the camera had in force; nil when unknown.
  public var camera: CameraSettings?
  /// When recording began, ISO 8601.
  public var date: String
  /// Unix time minus `CLOCK_MONOTONIC` when recording began, in nanoseconds.
  public var clockOffset: Int64

  public init(
    software: String, revision: String, kind: String, parameters: String, seed: UInt64? = nil, bench: String,
    configuration: String, orientation: Orientation = .upright, block: Int? = nil, saturation: Double? = nil,
    date: String, clockOffset: Int64
  ) {
    self.software = software
    self.revision = revision
    self.kind = kind
    self.parameters = parameters
    self.seed = seed
    self.bench = bench
    self.configuration = configuration
    self.orientation = orientation
    self.block = block
    self.saturation = saturation
    self.date = date
    self.clockOffset = clockOffset
  }

  /// The texts by their names in the file.
  var texts: [(name: String, value: String)] {
    [
      ("software", software), ("revision", revision), ("kind", kind), ("parameters", parameters), ("bench", bench),
      ("configuration", configuration), ("orientation", orientation.rawValue), ("date", date),
    ]
  }
}
