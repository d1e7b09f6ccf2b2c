import Arrays
import Files
import Measuring

/// All frames of a recording in the order in which they were measured, whatever they were for.
public struct MeasuredFrames: Sendable, Equatable {
  /// Phases in radians, one `[layers, grid, grid]` for each frame.
  public let patterns: [Stack<Float>]
  /// One image for each frame, or one for all.
  public let inputs: Stack<Float>
  /// Intensities, `[frames, height, width]`.
  public let frames: Stack<Float>
  /// Grid samples along each side of a sample of the frames.
  public let block: Int
  /// The intensity at which samples clip; nil when unknown.
  public let saturation: Float?
  /// How each of the frames was exposed; nil where that is not known.
  public let exposures: [Exposure?]
  /// What the camera had in force, when it was the same for all frames; nil when it was not, or is not known.
  public let settings: CameraSettings?
  /// The bench file as it stood, when all frames are of one; nil otherwise.
  public let bench: String?

  /// Reads an HDF5 file, or all recordings in the folder of a run, which must have the same shapes.
  ///
  /// - Throws: `FilesError`.
  public init(reading path: String) throws {
    let paths = AtomicFile.isFolder(path) ? RecordedSeries.paths(in: path) : [path]
    guard !paths.isEmpty else {
      throw FilesError.unreadable(file: path, reason: "there is no recording in this folder")
    }
    self = try HDF5Library.exclusively {
      try MeasuredFrames(
        try paths.map { try RecordedFrames(HDF5File(reading: $0)) }.filter { $0.count > 0 }, path: path)
    }
  }

  private init(_ files: [RecordedFrames], path: String) throws {
    guard let first = files.first else {
      throw FilesError.malformed(file: path, place: "frames", expected: "at least one whole frame")
    }
    let shapes = try first.shapes()
    for file in files where try file.shapes() != shapes {
      throw file.file.malformed("its shapes \(try file.shapes())", "those of the other recordings, \(shapes)")
    }
    let rows = files.map { Array(0..<$0.count) }
    patterns = try zip(files, rows).flatMap { try $0.patterns(of: $1) }.map { $0.converted() }
    let inputs = try zip(files, rows).map { try $0.planes("inputs", of: $1) }
    self.inputs = Stack(joining: inputs).converted()
    frames = Stack(joining: try zip(files, rows).map { try $0.planes("frames", of: $1) }).converted()
    block = try first.block()
    let benches = try Set(files.map { try $0.file.text("bench") ?? "" })
    bench = benches.count == 1 ? benches.first : nil
    exposures = try files.flatMap { try $0.exposures() }
    let settings = try files.map { try $0.settings() }
    self.settings = settings.allSatisfy { $0 == settings[0] } ? settings[0] : nil
    saturation = try first.file.numbers("camera.saturation")?.first.map { Float($0) }
  }

  /// How some of the frames were exposed; nil when that is not known of all of them. Why frames in between were rejected is not in a
  /// recording, only how many there were.
  public func exposures(of chosen: [Int]) -> Exposures? {
    let images = chosen.compactMap { exposures[$0] }
    guard let settings, images.count == chosen.count else { return nil }
    var matching = MatchingReport()
    matching.accepted = images.count
    return Exposures(images: images, matching: matching, settings: settings)
  }

  /// The image of a frame, `[1, size, size]`.
  public func input(of frame: Int) -> Stack<Float> { inputs.planes(at: [inputs.count == 1 ? 0 : frame]) }
}
