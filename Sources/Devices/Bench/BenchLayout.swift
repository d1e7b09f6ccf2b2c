import Arrays

/// Where things sit on the panels and on the sensor, and how the bench times a measurement. Part of a bench file.
public struct BenchLayout: Sendable, Codable, Equatable {
  public var layers: LayerLayout
  public var input: InputLayout
  public var camera: CameraLayout
  public var timing: BenchTiming

  public init(layers: LayerLayout, input: InputLayout, camera: CameraLayout, timing: BenchTiming = BenchTiming()) {
    self.layers = layers
    self.input = input
    self.camera = camera
    self.timing = timing
  }
}

/// The camera pixels that see the detector region of the twin, one pixel for each grid sample, and how they show it.
public struct CameraLayout: Sendable, Codable, Equatable {
  public var x: Int
  public var y: Int
  /// Pixels of the sensor; those of a camera that is turned by a quarter are the detector region's height.
  public var width: Int
  public var height: Int
  /// How the sensor's frames show the detector plane.
  public var orientation: Orientation

  public init(x: Int, y: Int, width: Int, height: Int, orientation: Orientation = .upright) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
    self.orientation = orientation
  }

  public var region: Region { Region(x: x, y: y, width: width, height: height) }

  /// Samples of the detector region that is seen.
  public var detectorSize: (width: Int, height: Int) { orientation.inverse.size(ofPlane: width, height) }
}

/// A point in pixels of a panel or sensor, origin top-left.
public struct PanelPoint: Sendable, Codable, Equatable {
  public var x: Int
  public var y: Int

  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}

/// Where the layers sit on the layer modulator.
public struct LayerLayout: Sendable, Codable, Equatable {
  /// The top-left panel pixel of each layer.
  public var origins: [PanelPoint]
  /// Samples along each side of a layer.
  public var grid: Int
  /// Panel pixels along each side of a layer sample.
  public var scale: Int
  /// Grey levels that cover 2π; phases are wrapped to them.
  public var levelsPerTurn: Int
  /// Phases of a turn that are shown, equally spaced; `levelsPerTurn` when nil, of which it is a divisor.
  public var phases: Int?

  public init(
    origins: [PanelPoint], grid: Int, scale: Int = 1, levelsPerTurn: Int = 256, phases: Int? = nil
  ) {
    self.origins = origins
    self.grid = grid
    self.scale = scale
    self.levelsPerTurn = levelsPerTurn
    self.phases = phases
  }
}

/// Where the image sits on the input modulator, and how its values become levels.
public struct InputLayout: Sendable, Codable, Equatable {
  /// The top-left panel pixel of the image.
  public var origin: PanelPoint
  /// Pixels along each side of the image.
  public var size: Int
  /// Panel pixels along each side of an image pixel.
  public var scale: Int
  /// The grey level of the image value 1; value 0 is level 0.
  public var fullLevel: Int
  /// Whether the image is shown on the layer modulator, beside the layers.
  public var onLayerModulator: Bool
  /// Distinct values, equally spaced in 0…1; as many as there are levels when nil.
  public var values: Int?
  /// Mirrors along each side of an image pixel, each of them `scale / mirrors` panel pixels wide. Of a value v,
  /// round(v·mirrors²) are at `fullLevel`: those nearest to the pixel's centre first, equally near ones row by row. Nil
  /// where the level of a pixel is its value.
  public var mirrors: Int?

  public init(
    origin: PanelPoint, size: Int, scale: Int, fullLevel: Int = 255, onLayerModulator: Bool = false,
    values: Int? = nil, mirrors: Int? = nil
  ) {
    self.origin = origin
    self.size = size
    self.scale = scale
    self.fullLevel = fullLevel
    self.onLayerModulator = onLayerModulator
    self.values = values
    self.mirrors = mirrors
  }
}

/// How long the bench waits, and what it refuses. Times in seconds.
public struct BenchTiming: Sendable, Codable, Equatable {
  /// Calibrated time from the receipt of the layer modulator until all of its panel begins to change; the time that a
  /// pattern takes to be scanned out (``ModulatorDescription/scanOut``) when nil.
  public var layerLatency: Double?
  /// Time that the layer modulator then takes to come to rest.
  public var layerSettle: Double
  /// The same for the input modulator.
  public var inputLatency: Double?
  public var inputSettle: Double
  /// The longest time to wait for a matching frame after a pattern was shown.
  public var deadline: Double
  /// A frame with no pixel above this fraction of full scale is black.
  public var blackThreshold: Double
  /// Images with at least this mean value are expected to give a frame that is not black.
  public var lightThreshold: Double
  /// Whether a frame with the very content of an earlier one is a stale buffer. True of every sensor with noise.
  public var rejectsIdenticalFrames: Bool
  /// Patterns uploaded at once; as many as the modulator takes best when nil.
  public var uploadCount: Int?
  /// How long the bench waits in the middle of a measurement for a device that is gone.
  public var reconnectDeadline: Double

  public init(
    layerLatency: Double? = nil, layerSettle: Double = 0, inputLatency: Double? = nil, inputSettle: Double = 0,
    deadline: Double = 1, blackThreshold: Double = 0.01, lightThreshold: Double = 0.1,
    rejectsIdenticalFrames: Bool = true, uploadCount: Int? = nil, reconnectDeadline: Double = 3600
  ) {
    self.layerLatency = layerLatency
    self.layerSettle = layerSettle
    self.inputLatency = inputLatency
    self.inputSettle = inputSettle
    self.deadline = deadline
    self.blackThreshold = blackThreshold
    self.lightThreshold = lightThreshold
    self.rejectsIdenticalFrames = rejectsIdenticalFrames
    self.uploadCount = uploadCount
    self.reconnectDeadline = reconnectDeadline
  }
}
