import Concurrency
import Devices
import Files
import Foundation
import Glibc
import Measuring

/// Raw steps of a run, written to an HDF5 file while they are taken: what was shown, what the camera was asked for and had in force,
/// and every frame as the sensor delivered it. It has the attributes of other recordings, and names what it shares with them alike.
///
/// A step is in the file once it is over; one that was not written to its end is not read.
public final class RawRecording: Sendable {
  public let path: String
  private let file: Locked<RawFile?>

  /// - Parameter panels: width and height of the modulators' panels, that of the layers first.
  /// - Throws: ``RecordingError``.
  public init(
    path: String, attributes: RecordingAttributes, camera: CameraFacts, panels: [(width: Int, height: Int)]
  ) throws {
    self.path = path
    do {
      file = Locked(
        try HDF5Library.exclusively {
          try RawFile(path: path, attributes: attributes, camera: camera, panels: panels)
        })
    } catch {
      throw RecordingError.unwritable(file: path, reason: "\(error)")
    }
  }

  deinit { close() }

  /// Adds a step; nothing once the recording has ended.
  ///
  /// - Throws: ``RecordingError`` by the call with which it ends.
  public func append(_ step: RawStep, _ taken: RawFrames) throws {
    try file.withLock { file in
      guard var present = file else { return }
      do {
        try present.checkRoom(for: taken)
        try HDF5Library.exclusively { try present.append(step, taken) }
        file = present
      } catch {
        Self.end(&file)
        throw error as? RecordingError ?? RecordingError.unwritable(file: path, reason: "\(error)")
      }
    }
  }

  public func close() { file.withLock { Self.end(&$0) } }

  private static func end(_ file: inout RawFile?) {
    guard let present = file else { return }
    file = nil
    try? HDF5Library.exclusively { try present.close() }
  }

  /// The name of the next raw recording of a run, `raw-<n>.h5`, one for each life of the daemon.
  public static func nextPath(in folder: String) -> String { folder + "/raw-\((numbers(in: folder).last ?? 0) + 1).h5" }

  static func paths(in folder: String) -> [String] { numbers(in: folder).map { "\(folder)/raw-\($0).h5" } }

  private static func numbers(in folder: String) -> [Int] {
    AtomicFile.names(in: folder).compactMap { $0.wholeMatch(of: /raw-([0-9]{1,9})\.h5/).flatMap { Int($0.1) } }.sorted()
  }
}

/// The file while it is written. All of it happens inside `HDF5Library.exclusively`.
private struct RawFile {
  private let file: HDF5File
  private let path: String
  private let size: (width: Int, height: Int)
  private var datasets: [String: GrowingDataset] = [:]
  private var steps: Int64 = 0
  private var patterns: [Int64] = []

  init(
    path: String, attributes: RecordingAttributes, camera: CameraFacts, panels: [(width: Int, height: Int)]
  ) throws {
    guard !AtomicFile.exists(path) else { throw RecordingError.exists(file: path) }
    self.path = path
    size = (camera.description.width, camera.description.height)
    let temporary = try AtomicFile.scratchPath(for: path)
    file = try HDF5File(growing: temporary)
    do {
      try file.write(attributes)
      try file.write(RawColumns.text(of: camera), attribute: "camera")
      func add<Missing: BitwiseCopyable>(
        _ name: String, _ element: GrowingDataset.Element, _ shape: [Int] = [], _ missing: Missing
      ) throws {
        datasets[name] = try GrowingDataset(name, in: file, element: element, rowShape: shape, missing: missing)
      }
      try add("frames", .uint16, [size.height, size.width], UInt16(0))
      for name in RawColumns.signed + [RawColumns.second] { try add(name, .int64, [], Int64(-1)) }
      for name in RawColumns.counts { try add(name, .uint64, [], UInt64(0)) }
      for name in RawColumns.real { try add(name, .float64, [], Double.nan) }
      for (index, panel) in panels.enumerated() {
        try add(RawColumns.patterns[index], .uint8, [panel.height, panel.width], UInt8(0))
      }
      try add("sequence", .uint64, [], RecordingFile.unwritten)
      patterns = panels.map { _ in 0 }
      try file.beginSharing()
      guard rename(temporary, path) == 0 else { throw HDF5Failure(String(cString: strerror(errno))) }
    } catch {
      try? file.close()
      unlink(temporary)
      throw error
    }
  }

  func checkRoom(for taken: RawFrames) throws {
    let free = (try? FileManager.default.attributesOfFileSystem(forPath: path)[.systemFreeSize] as? Int) ?? nil
    let bytes = 2 * size.width * size.height * taken.frames.count
    guard let free, free - RunRecording.defaultReserve < bytes else { return }
    throw RecordingError.diskFull(file: path, free: free, reserve: RunRecording.defaultReserve, images: Int(steps))
  }

  mutating func append(_ step: RawStep, _ taken: RawFrames) throws {
    let count = taken.frames.count
    var columns = RawColumns(step, taken, number: steps)
    switch step.shown {
    case .dark, .level: break
    case .pattern(let pattern, let role): columns.signed["pattern"] = try append(pattern, on: role)
    case .patterns(let layers, let input):
      columns.signed["pattern"] = try append(layers, on: .layers)
      columns.signed[RawColumns.second] = try append(input, on: .input)
    }
    for frame in taken.frames { try frame.pixels.withUnsafeBytes { try datasets["frames"]?.append($0, rows: 1) } }
    func write<Value>(_ values: [Value], _ name: String) throws {
      try values.withUnsafeBytes { try datasets[name]?.append($0, rows: count) }
    }
    for (name, value) in columns.signed { try write([Int64](repeating: value, count: count), name) }
    for (name, value) in columns.real { try write([Double](repeating: value, count: count), name) }
    try write([UInt64](repeating: taken.presented ?? 0, count: count), "presented")
    try write([UInt64](repeating: columns.bound, count: count), "evidence_bound")
    try write(taken.frames.map(\.exposureStart), "exposure_start")
    try write(taken.frames.map(\.exposureEnd), "exposure_end")
    try write(taken.frames.map { UInt64($0.flags.rawValue) }, "flags")
    // What has a sequence number is whole.
    try write(taken.frames.map(\.sequence), "sequence")
    steps += 1
  }

  /// - Returns: the row of the pattern.
  private mutating func append(_ pattern: Pattern, on role: ModulatorRole) throws -> Int64 {
    let index = min(role == .layers ? 0 : 1, patterns.count - 1)
    try pattern.levels.withUnsafeBytes { try datasets[RawColumns.patterns[index]]?.append($0, rows: 1) }
    defer { patterns[index] += 1 }
    return patterns[index]
  }

  func close() throws {
    for dataset in datasets.values { dataset.close() }
    try file.close()
  }
}
