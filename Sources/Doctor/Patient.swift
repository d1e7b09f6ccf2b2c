import BenchAPI

/// What a doctor knows of a bench: what its daemon says of it, and frames that were measured for the examination.
public struct Patient: Sendable {
  /// One measured image.
  public struct Look: Sendable, Equatable {
    /// The mean intensity over the detector, in units of the camera's full scale.
    public var mean: Double
    /// Pixels of the detector at full scale.
    public var clipped: Int
    /// How it was known when the image reached its panel, as ``PresentationEvidence/name`` says.
    public var evidence: String?

    public init(mean: Double, clipped: Int, evidence: String? = nil) {
      (self.mean, self.clipped, self.evidence) = (mean, clipped, evidence)
    }
  }

  /// What the layers' panel shows, in radians from command 0 to 2π, both included.
  public struct Response: Sendable, Equatable {
    public var measured: [Double]
    /// Standard deviation of that, in turns.
    public var error: Double
    /// As the bench file has it; nil where it has none.
    public var stated: [Double]?

    public init(measured: [Double], error: Double, stated: [Double]? = nil) {
      (self.measured, self.error, self.stated) = (measured, error, stated)
    }
  }

  public var devices: [DeviceStatus]
  /// All of the state folder, newest first.
  public var calibrations: [CalibrationSummary]
  /// What probes between jobs found; nil when nothing is known of that.
  public var drift: DriftResponse?
  /// Black images and white ones, with flat layers, by turns; empty when nothing could be measured.
  public var black: [Look]
  public var white: [Look]
  /// What became of the camera's frames meanwhile, as ``StatusResponse/frames`` counts them.
  public var frames: [String: Int]
  /// The pixels of one raw frame; empty when there was none.
  public var pixels: [UInt16]
  /// Nil while no response was calibrated.
  public var response: Response?

  public init(
    devices: [DeviceStatus] = [], calibrations: [CalibrationSummary] = [], drift: DriftResponse? = nil,
    black: [Look] = [], white: [Look] = [], frames: [String: Int] = [:], pixels: [UInt16] = [],
    response: Response? = nil
  ) {
    self.devices = devices
    self.calibrations = calibrations
    self.drift = drift
    self.black = black
    self.white = white
    self.frames = frames
    self.pixels = pixels
    self.response = response
  }
}

extension [Patient.Look] {
  var mean: Double { isEmpty ? 0 : reduce(0) { $0 + $1.mean } / Double(count) }

  /// Of the means, from image to image.
  var deviation: Double {
    guard count > 1 else { return 0 }
    let mean = mean
    return (reduce(0) { $0 + ($1.mean - mean) * ($1.mean - mean) } / Double(count - 1)).squareRoot()
  }
}
