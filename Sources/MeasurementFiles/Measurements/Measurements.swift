import Arrays
import Files

/// Frames of a bench with all that is needed to fit a twin to them: what the modulators showed, what the camera saw, and
/// how it was set.
///
/// On disk they are one HDF5 file, which is also what a run records, or a folder of `.npy` arrays with an `index.yaml`.
public struct Measurements: Sendable, Equatable {
  /// The version of the folder's index.
  static let indexSchema = 1
  /// The version of the HDF5 file.
  static let fileSchema = 2

  /// A second frame of a pattern and image that were shown before: what differs is noise.
  public struct Repeat: Sendable, Equatable {
    /// The frame of which it is the second, counted from 0.
    public var frame: Int
    /// `[1, height, width]`.
    public var second: Stack<Double>

    public init(of frame: Int, frame second: Stack<Double>) { (self.frame, self.second) = (frame, second) }
  }

  /// Phases in radians, one `[layers, grid, grid]` for each frame.
  public var patterns: [Stack<Double>]
  /// Images in 0…1, `[frames, size, size]`, or one for all frames.
  public var inputs: Stack<Double>
  /// Intensities, `[frames, height, width]`.
  public var frames: Stack<Double>
  /// Grid samples along each side of a sample of the frames.
  public var block: Int
  /// Frames to be kept apart from fits, counted from 0.
  public var heldOut: [Int]
  /// Second frames, from which the camera's noise follows.
  public var repeats: [Repeat]
  public var camera: MeasuredCamera
  /// How the camera shows the detector plane, as was stated when the frames were taken and laid upright; `upright` when they
  /// are as the camera delivered them.
  public var orientation: Orientation
  /// When they were taken, ISO 8601; empty when unknown.
  public var date: String
  /// The bench they were taken on; empty when unknown.
  public var bench: String

  public init(
    patterns: [Stack<Double>], inputs: Stack<Double>, frames: Stack<Double>, block: Int, heldOut: [Int] = [],
    repeats: [Repeat] = [], camera: MeasuredCamera = MeasuredCamera(), orientation: Orientation = .upright,
    date: String = "",
    bench: String = ""
  ) {
    self.patterns = patterns
    self.inputs = inputs
    self.frames = frames
    self.block = block
    self.heldOut = heldOut
    self.repeats = repeats
    self.camera = camera
    self.orientation = orientation
    self.date = date
    self.bench = bench
  }

  /// The frames as they lie when the camera shows the detector plane in another way than was believed.
  public func frames(of orientation: Orientation) -> Stack<Double> {
    orientation.planes(in: self.orientation.pictures(of: frames))
  }

  func validate(source: String) throws {
    func require(_ condition: Bool, _ place: String, _ expected: @autoclosure () -> String) throws {
      if !condition { throw FilesError.malformed(file: source, place: place, expected: expected()) }
    }
    try require(frames.count > 0 && frames.planeSize > 0, "frames", "at least one frame")
    try require(
      patterns.count == frames.count, "patterns", "one for each of the \(frames.count) frames, found \(patterns.count)")
    for (index, pattern) in patterns.enumerated() {
      let (found, first) = ([pattern.count, pattern.height, pattern.width], patterns[0])
      try require(
        found == [first.count, first.height, first.width], "patterns[\(index)]",
        "[\(first.count), \(first.height), \(first.width)] as the first pattern has, found \(found)")
    }
    try require(
      inputs.count == 1 || inputs.count == frames.count, "inputs",
      "1 or \(frames.count) images, found \(inputs.count)")
    try require((1...8192).contains(block), "block", "1 to 8192, found \(block)")
    for (index, frame) in heldOut.enumerated() {
      try require(
        (0..<frames.count).contains(frame), "heldOut[\(index)]", "a frame of 0 to \(frames.count - 1), found \(frame)")
      try require(!heldOut[..<index].contains(frame), "heldOut[\(index)]", "every frame once, found \(frame) again")
    }
    for (index, second) in repeats.enumerated() {
      let shape = [second.second.count, second.second.height, second.second.width]
      try require(
        (0..<frames.count).contains(second.frame), "repeats[\(index)]",
        "a frame of 0 to \(frames.count - 1), found \(second.frame)")
      try require(
        shape == [1, frames.height, frames.width] && second.second.values.allSatisfy(\.isFinite), "repeats[\(index)]",
        "[1, \(frames.height), \(frames.width)] finite numbers, found the shape \(shape)")
    }
    let named = patterns.enumerated().map { ("patterns[\($0)]", $1.values) }
    for (name, values) in [("inputs", inputs.values), ("frames", frames.values)] + named {
      let index = values.firstIndex { !$0.isFinite }
      try require(index == nil, "\(name), element \(index ?? 0)", "a finite number")
    }
    for (name, value) in camera.entries {
      try require(value.isFinite && value >= 0, "camera.\(name)", "a number of at least 0, found \(value)")
    }
  }
}

extension Measurements {
  /// The orientation of that name, `upright` when there is none.
  ///
  /// - Parameter malformed: the error for another name, given what was expected.
  static func orientation(_ name: String?, _ malformed: (String) -> FilesError) throws -> Orientation {
    guard let name else { return .upright }
    if let orientation = Orientation(rawValue: name) { return orientation }
    throw malformed("one of \(Orientation.allCases.map(\.rawValue).joined(separator: ", ")), found \(name)")
  }
}

/// How the camera was set, and what noise it has, in the unit of the frames. What is unknown is absent.
public struct MeasuredCamera: Sendable, Equatable, Codable {
  /// The value at which samples clip.
  public var saturation: Double?
  /// Seconds.
  public var exposure: Double?
  /// Standard deviation in the dark.
  public var readNoise: Double?
  /// Variance for each unit of intensity.
  public var shotNoise: Double?
  /// The step of the converter.
  public var step: Double?

  public init(
    saturation: Double? = nil, exposure: Double? = nil, readNoise: Double? = nil, shotNoise: Double? = nil,
    step: Double? = nil
  ) {
    self.saturation = saturation
    self.exposure = exposure
    self.readNoise = readNoise
    self.shotNoise = shotNoise
    self.step = step
  }

  static let names: [(name: String, path: WritableKeyPath<MeasuredCamera, Double?> & Sendable)] = [
    ("saturation", \.saturation), ("exposure", \.exposure), ("readNoise", \.readNoise), ("shotNoise", \.shotNoise),
    ("step", \.step),
  ]

  /// What is known, by name.
  var entries: [(name: String, value: Double)] {
    Self.names.compactMap { entry in self[keyPath: entry.path].map { (entry.name, $0) } }
  }
}
