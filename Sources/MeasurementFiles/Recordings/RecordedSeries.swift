import Arrays
import Files
import Foundation

/// What a run recorded, as a fit takes it: the frames of the last series, or all frames where none belongs to one.
struct RecordedSeries {
  private let files: [RecordedFrames]

  /// - Parameter files: in the order in which they were recorded.
  init(_ files: [RecordedFrames]) { self.files = files }

  /// The files of a run's folder: those that a later life of the daemon recorded come last.
  static func paths(in folder: String) -> [String] { numbered(in: folder).map { folder + "/" + $0.name } }

  static func numbered(in folder: String) -> [(name: String, number: Int)] {
    AtomicFile.names(in: folder).compactMap { name in
      name.wholeMatch(of: /measured-([0-9]{1,9})\.h5/).flatMap { match in Int(match.1).map { (name, $0) } }
    }.sorted { $0.number < $1.number }
  }

  func measurements() throws -> Measurements {
    let series = files.last { !$0.series.allSatisfy { $0 < 0 } }?.series.max() ?? -1
    let parts = files.map { file in (file, file.series.indices.filter { file.series[$0] == series }) }
      .filter { !$0.1.isEmpty }
    guard let (last, _) = parts.last else {
      throw FilesError.malformed(file: files.last?.file.name ?? "", place: "frames", expected: "at least one frame")
    }
    let shapes = try last.shapes()
    for (file, _) in parts where try file.shapes() != shapes {
      throw file.file.malformed(
        "its shapes \(try file.shapes())", "those of the other recordings, \(shapes); name the one file that is meant")
    }
    var frames = TakenFrames()
    for (file, rows) in parts {
      // Of frames that belong to no series, it is not said which are for a fit.
      let used = series < 0 ? rows : rows.filter { file.use[$0] != .other }
      if !used.isEmpty { try frames.add(file, used, isMarked: series >= 0) }
    }
    return try frames.measurements(like: last)
  }
}

/// Frames that are gathered from several files.
private struct TakenFrames {
  private var patterns: [Stack<Double>] = []
  private var inputs: [Stack<Double>] = []
  private var frames: [Stack<Double>] = []
  private var uses: [FrameUse] = []

  mutating func add(_ file: RecordedFrames, _ rows: [Int], isMarked: Bool) throws {
    patterns += try file.patterns(of: rows)
    let (inputs, frames) = (try file.planes("inputs", of: rows), try file.planes("frames", of: rows))
    for index in rows.indices {
      self.inputs.append(inputs.planes(at: [inputs.count == 1 ? 0 : index]))
      self.frames.append(frames.planes(at: [index]))
    }
    uses += rows.map { isMarked ? file.use[$0] : .fitted }
  }

  func measurements(like file: RecordedFrames) throws -> Measurements {
    let kept = uses.indices.filter { uses[$0] != .repeated }
    guard let first = kept.first else { throw file.file.malformed("frames", "at least one frame for a fit") }
    let images = kept.map { inputs[$0] }
    var camera = MeasuredCamera()
    for entry in MeasuredCamera.names {
      camera[keyPath: entry.path] = try file.file.numbers("camera.\(entry.name)")?.first
    }
    return Measurements(
      patterns: kept.map { patterns[$0] },
      inputs: images.allSatisfy { $0 == inputs[first] } ? inputs[first] : Stack(joining: images),
      frames: Stack(joining: kept.map { frames[$0] }), block: try file.block(),
      heldOut: kept.indices.filter { uses[kept[$0]] == .heldOut }, repeats: repeats(of: kept), camera: camera,
      orientation: try Measurements.orientation(try file.file.text("orientation")) {
        file.file.malformed("attribute orientation", $0)
      }, date: try file.file.text("date") ?? "", bench: try file.file.text("bench") ?? "")
  }

  /// The second frames, each beside the frame of the same pattern and image.
  private func repeats(of kept: [Int]) -> [Measurements.Repeat] {
    uses.indices.filter { uses[$0] == .repeated }.compactMap { index in
      kept.firstIndex { patterns[$0] == patterns[index] && inputs[$0] == inputs[index] }
        .map { Measurements.Repeat(of: $0, frame: frames[index]) }
    }
  }
}

extension Stack {
  /// The planes of stacks of one shape, one after the other; there must be at least one.
  init(joining stacks: [Stack]) {
    self.init(
      count: stacks.reduce(0) { $0 + $1.count }, height: stacks[0].height, width: stacks[0].width,
      values: stacks.flatMap(\.values))
  }
}
