/// Everything that can be chosen about a simulated bench. The part `simulated` of a bench file.
public struct SimulatedConfiguration: Sendable, Codable, Equatable {
  /// Seed of the misalignment, the noise and the faults; the same seed gives the same frames.
  public var seed: UInt64
  /// Samples of the plant along each side of a layer sample.
  public var sampling: Int
  /// Width of the plant's plane in layer samples; wide enough for the light when absent. Light that leaves it wraps round.
  public var canvas: Int?
  public var misalignment: Misalignment
  public var noise: SensorNoise
  public var pixels: PixelDefects
  public var layerPanel: SimulatedPanel
  public var inputPanel: SimulatedPanel
  public var camera: SimulatedSensor
  public var faults: FrameFaults
  public var placement: LayerMisplacement
  public var modulator: ModulatorImperfection
  public var source: SourceImperfection
  public var imaging: ImagingImperfection
  /// Nil when the input enters once.
  public var repeatedInput: RepeatedInput?
  public var drift: Drift

  public init(
    seed: UInt64 = 1, sampling: Int = 2, canvas: Int? = nil, misalignment: Misalignment = Misalignment(),
    noise: SensorNoise = SensorNoise(), pixels: PixelDefects = .none, layerPanel: SimulatedPanel = SimulatedPanel(),
    inputPanel: SimulatedPanel = SimulatedPanel(refreshRate: 2000, latency: 20e-6, settle: 50e-6),
    camera: SimulatedSensor = SimulatedSensor(), faults: FrameFaults = FrameFaults(),
    placement: LayerMisplacement = LayerMisplacement(), modulator: ModulatorImperfection = .none,
    source: SourceImperfection = .none, imaging: ImagingImperfection = .none, repeatedInput: RepeatedInput? = nil,
    drift: Drift = .none
  ) {
    self.seed = seed
    self.sampling = sampling
    self.canvas = canvas
    self.misalignment = misalignment
    self.noise = noise
    self.pixels = pixels
    self.layerPanel = layerPanel
    self.inputPanel = inputPanel
    self.camera = camera
    self.faults = faults
    self.placement = placement
    self.modulator = modulator
    self.source = source
    self.imaging = imaging
    self.repeatedInput = repeatedInput
    self.drift = drift
  }
}

/// The panel of a simulated modulator.
public struct SimulatedPanel: Sendable, Codable, Equatable {
  /// Pixels.
  public var width: Int
  public var height: Int
  /// Number of grey levels.
  public var greyLevels: Int
  /// Patterns per second; a new one waits for the next vertical blank.
  public var refreshRate: Double
  /// Time from the vertical blank until the panel begins to change, in seconds.
  public var latency: Double
  /// Time that it then takes to come to rest, in seconds.
  public var settle: Double
  /// The same for a change to a pattern with less light in it, by the mean of its levels; `settle` when absent.
  public var fall: Double?
  /// Whether it takes levels for those of a television, of which 16 is black and 235 white.
  public var limited: Bool
  /// Its serial number; none when absent.
  public var serial: String?

  public init(
    width: Int = 512, height: Int = 256, greyLevels: Int = 256, refreshRate: Double = 60, latency: Double = 1e-3,
    settle: Double = 4e-3, fall: Double? = nil, limited: Bool = false, serial: String? = nil
  ) {
    self.limited = limited
    self.width = width
    self.height = height
    self.greyLevels = greyLevels
    self.refreshRate = refreshRate
    self.latency = latency
    self.settle = settle
    self.fall = fall
    self.serial = serial
  }
}

/// The sensor of the simulated camera.
public struct SimulatedSensor: Sendable, Codable, Equatable {
  /// Pixels.
  public var width: Int
  public var height: Int
  public var bits: Int
  /// Frames per second.
  public var frameRate: Double
  /// Nominal exposure time in seconds.
  public var exposure: Double
  /// Intensity that fills the well at the nominal exposure. An input of unit amplitude has intensity 1; behind layers with
  /// π squares, its speckles reach 8.
  public var fullScaleIntensity: Double
  /// Frames that the driver holds until they are fetched; older ones are lost.
  public var bufferCount: Int
  /// Seconds from the exposure of a row to that of the next one, as with a rolling shutter; 0 when all are exposed together.
  public var rowDelay: Double
  /// How much of the way to half of full scale an automatic gain goes after each frame; 0 without one.
  public var automaticGain: Double
  /// Its serial number; none when absent.
  public var serial: String?

  public init(
    width: Int = 128, height: Int = 128, bits: Int = 12, frameRate: Double = 500, exposure: Double = 1e-3,
    fullScaleIntensity: Double = 8, bufferCount: Int = 2, rowDelay: Double = 0,
    automaticGain: Double = 0, serial: String? = nil
  ) {
    self.automaticGain = automaticGain
    self.width = width
    self.height = height
    self.bits = bits
    self.frameRate = frameRate
    self.exposure = exposure
    self.fullScaleIntensity = fullScaleIntensity
    self.bufferCount = bufferCount
    self.rowDelay = rowDelay
    self.serial = serial
  }
}
