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
    /// Grey levels of a turn of commands.
    public var levels: Int

    public init(measured: [Double], error: Double, stated: [Double]? = nil, levels: Int = 256) {
      (self.measured, self.error, self.stated, self.levels) = (measured, error, stated, levels)
    }
  }

  /// A parameter of the twin that a calibration in force found, in its SI unit.
  public struct Parameter: Sendable, Equatable {
    public var value: Double
    /// Its standard deviation.
    public var error: Double
    /// As the bench file has it, and how sure that is.
    public var stated: Double
    public var prior: Double

    public init(value: Double, error: Double, stated: Double, prior: Double) {
      (self.value, self.error, self.stated, self.prior) = (value, error, stated, prior)
    }
  }

  /// Why the bench is not there.
  public struct Absence: Sendable, Equatable {
    /// A word of ``Cause``.
    public var cause: String?
    public var message: String

    public init(cause: String?, message: String) { (self.cause, self.message) = (cause, message) }
  }

  public var devices: [DeviceStatus]
  /// Nil when the bench is there.
  public var absence: Absence?
  /// All of the state folder, newest first.
  public var calibrations: [CalibrationSummary]
  /// Jobs of the kind `calibrate` that have ended, oldest first.
  public var calibrationJobs: [JobSummary]
  /// What probes between jobs found; nil when nothing is known of that.
  public var drift: DriftResponse?
  /// Black images and white ones, with flat layers, by turns; empty when nothing could be measured.
  public var black: [Look]
  public var white: [Look]
  /// Images of two high levels, taken by turns with the white ones; nil where levels are not brightness.
  public var highLevels: HighLevels?
  /// One white image, many times; nil when nothing could be measured.
  public var series: Series?
  /// Which way round images that have no symmetry are; nil where that cannot be seen.
  public var turn: Turn?
  /// What became of the camera's frames meanwhile, as ``StatusResponse/frames`` counts them.
  public var frames: [String: Int]
  /// The pixels of one raw frame; empty when there was none.
  public var pixels: [UInt16]
  /// Nil while no response was calibrated.
  public var response: Response?
  /// What calibrations in force found, by the parameters' names.
  public var parameters: [String: Parameter]
  /// Wavelength of the bench file, and the distance of two samples, in metres.
  public var wavelength: Double?
  public var pitch: Double?
  /// The light of each of equal parts of the image, beside what the twin computes for it, in any unit; empty when that was not
  /// measured.
  public var parts: [Double]

  public init(
    devices: [DeviceStatus] = [], absence: Absence? = nil, calibrations: [CalibrationSummary] = [],
    calibrationJobs: [JobSummary] = [], drift: DriftResponse? = nil, black: [Look] = [], white: [Look] = [],
    highLevels: HighLevels? = nil,
    series: Series? = nil, turn: Turn? = nil, frames: [String: Int] = [:], pixels: [UInt16] = [],
    response: Response? = nil, parameters: [String: Parameter] = [:], wavelength: Double? = nil, pitch: Double? = nil,
    parts: [Double] = []
  ) {
    (self.devices, self.absence, self.calibrations, self.drift) = (devices, absence, calibrations, drift)
    self.calibrationJobs = calibrationJobs
    (self.black, self.white, self.highLevels, self.series, self.turn) = (black, white, highLevels, series, turn)
    (self.frames, self.pixels, self.response, self.parameters) = (frames, pixels, response, parameters)
    (self.wavelength, self.pitch, self.parts) = (wavelength, pitch, parts)
  }

  /// The light of a white image that a black one does not have.
  var light: Double { white.mean - (black.isEmpty ? 0 : black.mean) }
}

extension [Patient.Look] {
  var mean: Double { map(\.mean).average }

  /// Of the means, from image to image.
  var deviation: Double { map(\.mean).deviation }
}

extension Collection<Double> {
  var average: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

  /// The standard deviation.
  var deviation: Double {
    guard count > 1 else { return 0 }
    let average = average
    return (reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(count - 1)).squareRoot()
  }
}
