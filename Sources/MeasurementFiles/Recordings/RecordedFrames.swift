import Arrays
import Files
import Foundation
import Measuring

/// The frames of one HDF5 file, before it is decided which of them are read. Everything happens inside
/// `HDF5Library.exclusively`.
///
/// The datasets are `layers` with the phases, `layer_index` with the row of them that a frame was taken with, `inputs` and
/// `frames`; a recording also has `sequence`, `series` and `use`.
struct RecordedFrames {
  let file: HDF5File
  /// Frames that are whole; a recording may have been cut short.
  let count: Int
  private let layerIndex: [Int]
  let series: [Int]
  let use: [FrameUse]

  init(_ file: HDF5File) throws {
    self.file = file
    guard let rows = try file.shape(ofDataset: "frames").first else {
      throw file.malformed("dataset frames", "[frames, height, width]")
    }
    count = try Self.whole(of: rows, in: file)
    layerIndex = try Self.numbers("layer_index", count, in: file)
    series =
      try file.hasDataset("series") ? Self.numbers("series", count, in: file) : Array(repeating: -1, count: count)
    let codes = try file.hasDataset("use") ? Self.numbers("use", count, in: file) : Array(repeating: 0, count: count)
    use = try codes.map { code in
      guard let use = FrameUse(rawValue: code) else {
        throw file.malformed("dataset use", "0 to \(FrameUse.allCases.count - 1), found \(code)")
      }
      return use
    }
  }

  /// The rows before the first whose block was not written to its end.
  private static func whole(of rows: Int, in file: HDF5File) throws -> Int {
    guard file.hasDataset("sequence") else { return rows }
    let sequence = try file.dataset("sequence").values
    return min(rows, sequence.firstIndex(of: Double(RecordingFile.unwritten)) ?? sequence.count)
  }

  private static func numbers(_ name: String, _ count: Int, in file: HDF5File) throws -> [Int] {
    try file.dataset(name, rows: 0..<count).values.map { value in
      guard let whole = Int(exactly: value) else {
        throw file.malformed("dataset \(name)", "whole numbers, found \(value)")
      }
      return whole
    }
  }

  /// How the frames were exposed; nil for those of which too little is known, as of all of earlier versions.
  func exposures() throws -> [Exposure?] {
    guard count > 0, file.hasDataset("evidence") else { return Array(repeating: nil, count: count) }
    func counts(_ name: String) throws -> [UInt64] { try file.counts(name, rows: 0..<count) }
    let codes = try Self.numbers("evidence", count, in: file)
    let (presented, bounds, settled) = (try counts("presented"), try counts("evidence_bound"), try counts("settled"))
    let (starts, ends) = (try counts("exposure_start"), try counts("exposure_end"))
    let (sequence, rejected, clipped) = (try counts("sequence"), try counts("rejected"), try counts("clipped"))
    return codes.indices.map { row in
      EvidenceCode.evidence(Int64(codes[row]), bound: bounds[row]).map {
        Exposure(
          presented: presented[row], evidence: $0, settled: settled[row], start: starts[row], end: ends[row],
          sequence: sequence[row], rejected: Int(clamping: rejected[row]), clipped: Int(clamping: clipped[row]))
      }
    }
  }

  /// What the camera had in force; nil when that was not kept.
  func settings() throws -> CameraSettings? {
    guard let exposure = try file.numbers("camera.exposure")?.first, let gain = try file.numbers("camera.gain")?.first
    else { return nil }
    return CameraSettings(
      exposure: exposure, gain: gain, frameRate: try file.numbers("camera.frameRate")?.first)
  }

  /// The shapes of layers, of an image and of a frame.
  func shapes() throws -> [[Int]] {
    try ["layers", "inputs", "frames"].map { Array(try file.shape(ofDataset: $0).dropFirst()) }
  }

  /// The planes of some rows of a dataset, of which one stands for all when there is no other.
  func planes(_ name: String, of rows: [Int]) throws -> Stack<Double> {
    let found = try file.shape(ofDataset: name)
    guard found.count == 3, found.allSatisfy({ $0 > 0 }) else {
      throw file.malformed("dataset \(name)", "[count, height, width] without zeros, found \(found)")
    }
    let rows = found[0] == 1 && count > 1 ? [0] : rows
    let range = (rows.min() ?? 0)..<(rows.max() ?? -1) + 1
    let read = Stack(
      count: range.count, height: found[1], width: found[2], values: try file.dataset(name, rows: range).values)
    return rows == Array(range) ? read : read.planes(at: rows.map { $0 - range.lowerBound })
  }

  /// The phases that each of the rows was taken with.
  func patterns(of rows: [Int]) throws -> [Stack<Double>] {
    let found = try file.shape(ofDataset: "layers")
    guard found.count == 4, found.allSatisfy({ $0 > 0 }) else {
      throw file.malformed("dataset layers", "[patterns, layers, grid, grid] without zeros, found \(found)")
    }
    let indices = rows.map { layerIndex[$0] }
    guard let first = indices.min(), let last = indices.max(), (0..<found[0]).contains(first), last < found[0] else {
      throw file.malformed("dataset layer_index", "rows of layers, of which there are \(found[0])")
    }
    let values = try file.dataset("layers", rows: first..<last + 1).values
    let size = found[1] * found[2] * found[3]
    let stacks = (0...last - first).map { row in
      Stack(
        count: found[1], height: found[2], width: found[3], values: Array(values[row * size..<(row + 1) * size]))
    }
    return indices.map { stacks[$0 - first] }
  }

  /// Grid samples along each side of a frame's sample. Recordings of earlier versions leave it to be computed from the bench that
  /// they describe.
  func block() throws -> Int {
    if let block = try file.wholeNumbers("block")?.first { return block }
    let text = try file.text("configuration") ?? ""
    guard let bench = try? JSONDecoder().decode(RecordedBench.self, from: Data(text.utf8)) else {
      throw file.malformed("attribute block", "this attribute, which is missing")
    }
    let side = bench.detector.region?.height ?? bench.geometry.grid
    let height = try file.shape(ofDataset: "frames").dropFirst().first ?? 0
    guard height > 0, side % height == 0 else {
      throw file.malformed("dataset frames", "a height that divides the detector's \(side) samples, found \(height)")
    }
    return side / height
  }

  /// What is needed of the twin's description that a recording has.
  private struct RecordedBench: Decodable {
    struct Geometry: Decodable {
      var grid: Int
    }
    struct Detector: Decodable {
      struct Region: Decodable {
        var height: Int
      }
      var region: Region?
    }
    var geometry: Geometry
    var detector: Detector
  }
}
