import Devices
import Files
import Foundation
import Measuring

/// All raw steps of a run that are whole, in the order in which they were taken.
public struct RecordedSteps: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public var step: RawStep
    public var taken: RawFrames
  }

  public let entries: [Entry]
  /// What the camera said of itself before the first step.
  public let camera: CameraFacts
  /// The bench file as it stood, when all steps are of one; nil otherwise.
  public let bench: String?

  /// Reads the raw recordings in the folder of a run.
  ///
  /// - Throws: `FilesError`, also when there is none.
  public init(reading folder: String) throws {
    let paths = RawRecording.paths(in: folder)
    guard !paths.isEmpty else {
      throw FilesError.unreadable(file: folder, reason: "there is no raw recording in this folder")
    }
    self = try HDF5Library.exclusively { try RecordedSteps(files: paths.map { try HDF5File(reading: $0) }) }
  }

  private init(files: [HDF5File]) throws {
    let benches = try Set(files.map { try $0.text("bench") ?? "" })
    bench = benches.count == 1 ? benches.first : nil
    let camera = try Self.camera(of: files[0])
    self.camera = camera
    entries = try files.flatMap { try RawRows($0, camera.description).entries() }
  }

  private static func camera(of file: HDF5File) throws -> CameraFacts {
    let text = try file.text("camera") ?? ""
    guard let camera = try? JSONDecoder().decode(CameraFacts.self, from: Data(text.utf8)),
      camera.description.width > 0, camera.description.height > 0, (1...16).contains(camera.description.bitDepth)
    else { throw file.malformed("attribute camera", "what the camera said of itself, as JSON") }
    return camera
  }
}

/// The rows of one file. All of it happens inside `HDF5Library.exclusively`.
private struct RawRows {
  private let file: HDF5File
  private let camera: CameraDescription
  private let count: Int
  private let signed: [String: [Double]]
  private let real: [String: [Double]]

  init(_ file: HDF5File, _ camera: CameraDescription) throws {
    (self.file, self.camera) = (file, camera)
    let rows = try file.shape(ofDataset: "frames").first ?? 0
    let sequence = try file.dataset("sequence").values
    let whole = min(rows, sequence.firstIndex(of: Double(RecordingFile.unwritten)) ?? sequence.count)
    func columns(_ names: [String]) throws -> [String: [Double]] {
      try Dictionary(uniqueKeysWithValues: names.map { ($0, try file.dataset($0, rows: 0..<whole).values) })
    }
    signed = try columns(RawColumns.signed + RawColumns.addedSigned.filter(file.hasDataset))
    real = try columns(RawColumns.real + RawColumns.addedReal.filter(file.hasDataset))
    count = whole
  }

  func entries() throws -> [RecordedSteps.Entry] {
    var (entries, row) = ([RecordedSteps.Entry](), 0)
    while row < count {
      let frames = try whole("step_frames", row)
      guard frames > 0, frames <= count - row else { break }
      entries.append(try entry(row..<row + frames))
      row += frames
    }
    return entries
  }

  private func whole(_ name: String, _ row: Int) throws -> Int {
    guard let values = signed[name], row < values.count, let value = Int(exactly: values[row]) else {
      throw file.malformed("dataset \(name)", "whole numbers")
    }
    return value
  }

  /// Planes of a dataset that has rows of them.
  private func planes(_ name: String, _ rows: Range<Int>) throws -> (width: Int, height: Int, values: [UInt16]) {
    let (shape, values) = try file.levels(name, rows: rows)
    guard shape.count == 3 else {
      throw file.malformed("dataset \(name)", "three dimensions, found the shape \(shape)")
    }
    return (shape[2], shape[1], values)
  }

  private func entry(_ rows: Range<Int>) throws -> RecordedSteps.Entry {
    let first = rows.lowerBound
    func number(_ name: String) -> Double? { real[name].flatMap { $0[first].isNaN ? nil : $0[first] } }
    func settings(_ exposure: String, _ gain: String, _ rate: String) -> CameraSettings? {
      guard let exposure = number(exposure), let gain = number(gain) else { return nil }
      return CameraSettings(exposure: exposure, gain: gain, frameRate: number(rate))
    }
    func counts(_ name: String) throws -> [UInt64] { try file.counts(name, rows: rows) }
    let (width, height, pixels) = try planes("frames", rows)
    guard width == camera.width, height == camera.height else {
      throw file.malformed("dataset frames", "the camera's \(camera.width) × \(camera.height) pixels")
    }
    let size = width * height
    let (starts, ends) = (try counts("exposure_start"), try counts("exposure_end"))
    let (sequence, flags) = (try counts("sequence"), try counts("flags"))
    let frames = rows.indices.map { $0 - first }.map { index in
      Frame(
        width: width, height: height, pixels: Array(pixels[index * size..<(index + 1) * size]),
        sequence: sequence[index], exposureStart: starts[index], exposureEnd: ends[index],
        flags: Frame.Flags(rawValue: UInt8(truncatingIfNeeded: flags[index])))
    }
    guard let inForce = settings("exposure", "gain", "frame_rate") else {
      throw file.malformed("datasets exposure and gain", "numbers")
    }
    let evidence = EvidenceCode.evidence(
      Int64(try whole("evidence", first)), bound: try counts("evidence_bound")[0])
    return RecordedSteps.Entry(
      step: try step(
        first, rest: number("rest") ?? 0, delay: number("delay"),
        settings: settings("asked_exposure", "asked_gain", "asked_rate"), frames: rows.count),
      taken: RawFrames(
        presented: evidence == nil ? nil : try counts("presented")[0], evidence: evidence, settings: inForce,
        frames: frames))
  }

  private func step(
    _ row: Int, rest: Double, delay: Double?, settings: CameraSettings?, frames: Int
  ) throws -> RawStep {
    let modulator = try whole("modulator", row)
    guard modulator < RawColumns.patterns.count else {
      throw file.malformed("dataset modulator", "less than \(RawColumns.patterns.count)")
    }
    if modulator < 0 { return RawStep(.dark, rest: rest, settings: settings, frames: frames) }
    let role: ModulatorRole = modulator == 0 ? .layers : .input
    let shown: RawStep.Shown
    if let level = UInt8(exactly: try whole("level", row)) {
      shown = .level(level, on: role)
    } else if let shownPattern = try pattern("pattern", row, on: modulator) {
      shown = .pattern(shownPattern, on: role)
    } else {
      throw file.malformed("dataset pattern", "rows of patterns")
    }
    let before = signed["before"] == nil ? nil : try pattern("before", row, on: modulator)
    return RawStep(
      shown, beside: signed["beside"] == nil ? nil : try pattern("beside", row, on: 1 - modulator),
      change: before.map { RawStep.Change(from: $0, after: delay ?? 0) }, rest: rest, settings: settings, frames: frames
    )
  }

  /// Nil where the column says that there is none.
  private func pattern(_ column: String, _ row: Int, on modulator: Int) throws -> Pattern? {
    let place = try whole(column, row)
    guard place >= 0 else { return nil }
    guard place < Int.max else { throw file.malformed("dataset \(column)", "rows of patterns") }
    let name = RawColumns.patterns[file.hasDataset(RawColumns.patterns[modulator]) ? modulator : 0]
    let (width, height, levels) = try planes(name, place..<place + 1)
    var pattern = Pattern(width: width, height: height)
    pattern.levels = levels.map { UInt8(truncatingIfNeeded: $0) }
    return pattern
  }
}
