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
    camera = try Self.camera(of: files[0])
    entries = try files.flatMap { try RawRows($0).entries() }
  }

  private static func camera(of file: HDF5File) throws -> CameraFacts {
    let text = try file.text("camera") ?? ""
    guard let camera = try? JSONDecoder().decode(CameraFacts.self, from: Data(text.utf8)) else {
      throw file.malformed("attribute camera", "what the camera said of itself, as JSON")
    }
    return camera
  }
}

/// The rows of one file. All of it happens inside `HDF5Library.exclusively`.
private struct RawRows {
  private let file: HDF5File
  private let count: Int
  private let signed: [String: [Double]]
  private let real: [String: [Double]]

  init(_ file: HDF5File) throws {
    self.file = file
    let rows = try file.shape(ofDataset: "frames").first ?? 0
    let sequence = try file.dataset("sequence").values
    let whole = min(rows, sequence.firstIndex(of: Double(RecordingFile.unwritten)) ?? sequence.count)
    func columns(_ names: [String]) throws -> [String: [Double]] {
      try Dictionary(uniqueKeysWithValues: names.map { ($0, try file.dataset($0, rows: 0..<whole).values) })
    }
    (signed, real) = (try columns(RawColumns.signed), try columns(RawColumns.real))
    count = whole
  }

  func entries() throws -> [RecordedSteps.Entry] {
    var (entries, row) = ([RecordedSteps.Entry](), 0)
    while row < count {
      let frames = Int(clamping: Int64(signed["step_frames"]![row]))
      guard frames > 0, row + frames <= count else { break }
      entries.append(try entry(row..<row + frames))
      row += frames
    }
    return entries
  }

  private func entry(_ rows: Range<Int>) throws -> RecordedSteps.Entry {
    let first = rows.lowerBound
    func number(_ name: String) -> Double? { real[name].flatMap { $0[first].isNaN ? nil : $0[first] } }
    func settings(_ exposure: String, _ gain: String, _ rate: String) -> Measuring.CameraSettings? {
      guard let exposure = number(exposure), let gain = number(gain) else { return nil }
      return Measuring.CameraSettings(exposure: exposure, gain: gain, frameRate: number(rate))
    }
    func counts(_ name: String) throws -> [UInt64] { try file.counts(name, rows: rows) }
    let (shape, pixels) = try file.levels("frames", rows: rows)
    let size = shape[1] * shape[2]
    let (starts, ends) = (try counts("exposure_start"), try counts("exposure_end"))
    let (sequence, flags) = (try counts("sequence"), try counts("flags"))
    let frames = rows.indices.map { $0 - first }.map { index in
      Frame(
        width: shape[2], height: shape[1], pixels: Array(pixels[index * size..<(index + 1) * size]),
        sequence: sequence[index], exposureStart: starts[index], exposureEnd: ends[index],
        flags: Frame.Flags(rawValue: UInt8(truncatingIfNeeded: flags[index])))
    }
    guard let inForce = settings("exposure", "gain", "frame_rate") else {
      throw file.malformed("datasets exposure and gain", "numbers")
    }
    let evidence = EvidenceCode.evidence(
      Int64(signed["evidence"]![first]), bound: try counts("evidence_bound")[0])
    return RecordedSteps.Entry(
      step: RawStep(
        try shown(first), rest: number("rest") ?? 0, settings: settings("asked_exposure", "asked_gain", "asked_rate"),
        frames: rows.count),
      taken: RawFrames(
        presented: evidence == nil ? nil : try counts("presented")[0], evidence: evidence, settings: inForce,
        frames: frames))
  }

  private func shown(_ row: Int) throws -> RawStep.Shown {
    let (modulator, level) = (Int(signed["modulator"]![row]), Int(signed["level"]![row]))
    if modulator < 0 { return .dark }
    let role: ModulatorRole = modulator == 0 ? .layers : .input
    if let level = UInt8(exactly: level) { return .level(level, on: role) }
    let place = Int(signed["pattern"]![row])
    let name = RawColumns.patterns[file.hasDataset(RawColumns.patterns[modulator]) ? modulator : 0]
    let (shape, levels) = try file.levels(name, rows: place..<place + 1)
    var pattern = Pattern(width: shape[2], height: shape[1])
    pattern.levels = levels.map { UInt8(truncatingIfNeeded: $0) }
    return .pattern(pattern, on: role)
  }
}
