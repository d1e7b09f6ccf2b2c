import Arrays
import Concurrency
import Foundation

/// What a run measured, written to an HDF5 file while it is measured.
///
/// The file can be read while it is written, and after the process was killed at any moment; see `Docs/reference/state.md`. It is
/// never opened for writing again. Recording ends by itself when the disk or the byte limit is reached: the call that finds
/// so throws, once, and later calls do nothing.
public final class RunRecording: Sendable {
  /// Bytes of a recording at most, unless another limit is given.
  public static let defaultLimit = 4 << 30
  /// Bytes of the disk that recordings leave to checkpoints and results, unless another number is given.
  public static let defaultReserve = 64 << 20

  /// The recording while it continues.
  private struct Progress {
    var file: RecordingFile
    var layers: Stack<Float>?
    var bytes = 0
  }

  public let path: String
  private let shapes: RecordingShapes
  private let limit: Int
  private let reserve: Int
  private let progress: Locked<Progress?>
  private let count = Locked(0)

  /// Makes the file.
  ///
  /// - Parameters:
  ///   - limit: bytes of images and layers at most.
  ///   - reserve: bytes of the disk to leave free.
  /// - Throws: ``RecordingError``.
  public init(
    path: String, attributes: RecordingAttributes, shapes: RecordingShapes, limit: Int = RunRecording.defaultLimit,
    reserve: Int = RunRecording.defaultReserve
  ) throws {
    (self.path, self.shapes, self.limit, self.reserve) = (path, shapes, limit, reserve)
    try shapes.check(file: path)
    guard !FileManager.default.fileExists(atPath: path) else { throw RecordingError.exists(file: path) }
    if let shortage = Self.shortage(for: 0, path: path, reserve: reserve, images: 0) { throw shortage }
    do {
      progress = Locked(
        try HDF5Library.exclusively {
          Progress(file: try RecordingFile(path: path, attributes: attributes, shapes: shapes))
        })
    } catch {
      throw RecordingError.unwritable(file: path, reason: "\(error)")
    }
  }

  deinit { close() }

  /// The images recorded so far.
  public var images: Int { count.withLock { $0 } }

  /// Whether images are still recorded.
  public var isRecording: Bool { progress.withLock { $0 != nil } }

  /// Adds a block of images that were measured with the same layers.
  ///
  /// - Parameters:
  ///   - inputs: one for each frame.
  ///   - timings: one for each frame.
  ///   - step: the step of the training that measured them.
  ///   - mark: what they are for in a fit.
  /// - Throws: ``RecordingError`` by the call with which recording ends.
  public func append(
    layers: Stack<Float>, inputs: Stack<Float>, frames: Stack<Float>, timings: [ImageTiming], step: Int? = nil,
    mark: FrameMark? = nil
  ) throws {
    try progress.withLock { progress in
      guard var present = progress, !timings.isEmpty else { return }
      do {
        try shapes.check(layers: layers, inputs: inputs, frames: frames, count: timings.count, file: path)
        let isNew = present.layers != layers
        let bytes = 4 * (inputs.values.count + frames.values.count + (isNew ? layers.values.count : 0))
        try checkRoom(for: bytes, after: present.bytes)
        present.file = try HDF5Library.exclusively { [file = present.file] in
          var file = file
          if isNew { try file.append(layers: layers) }
          try file.append(inputs: inputs, frames: frames, timings: timings, step: step, mark: mark)
          return file
        }
        (present.layers, present.bytes) = (layers, present.bytes + bytes)
        progress = present
        count.withLock { $0 += timings.count }
      } catch {
        Self.end(&progress)
        throw error as? RecordingError ?? RecordingError.unwritable(file: path, reason: "\(error)")
      }
    }
  }

  /// Ends the recording; nothing when it has ended.
  public func close() { progress.withLock { Self.end(&$0) } }

  private static func end(_ progress: inout Progress?) {
    guard let file = progress?.file else { return }
    progress = nil
    // Every block was flushed: a failure now loses nothing.
    try? HDF5Library.exclusively { try file.close() }
  }

  private func checkRoom(for bytes: Int, after written: Int) throws {
    guard written + bytes <= limit else {
      throw RecordingError.limitReached(file: path, limit: limit, images: images)
    }
    if let shortage = Self.shortage(for: bytes, path: path, reserve: reserve, images: images) { throw shortage }
  }

  /// What there is to say when the disk has no room for so many bytes.
  private static func shortage(for bytes: Int, path: String, reserve: Int, images: Int) -> RecordingError? {
    var status = statvfs()
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    // Where the system does not say, writing will.
    guard statvfs(folder, &status) == 0, status.f_blocks > 0 else { return nil }
    let free = Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    return free - reserve >= bytes ? nil : .diskFull(file: path, free: free, reserve: reserve, images: images)
  }
}

extension RunRecording {
  /// The name of the next recording of a run: `measured-<n>.h5`, one for each life of the daemon.
  public static func nextPath(in folder: String) -> String {
    folder + "/measured-\((RecordedSeries.numbered(in: folder).last?.number ?? 0) + 1).h5"
  }
}

extension RecordingShapes {
  /// Samples of one row at most: HDF5 chunks have less than 4 GiB.
  private static let mostSamples = 1 << 29

  func check(file: String) throws {
    for (name, shape, rank) in [("layers", layers, 3), ("inputs", input, 2), ("frames", frame, 2)] {
      var samples = 1
      for length in shape where samples <= Self.mostSamples { samples *= min(max(0, length), Self.mostSamples + 1) }
      guard shape.count == rank, (1...Self.mostSamples).contains(samples) else {
        throw RecordingError.unwritable(file: file, reason: "\(name) of shape \(shape) cannot be recorded")
      }
    }
  }

  func check(layers: Stack<Float>, inputs: Stack<Float>, frames: Stack<Float>, count: Int, file: String) throws {
    let pairs = [
      ("layers", self.layers, [layers.count, layers.height, layers.width]),
      ("inputs", [count] + input, [inputs.count, inputs.height, inputs.width]),
      ("frames", [count] + frame, [frames.count, frames.height, frames.width]),
    ]
    for (name, expected, found) in pairs where expected != found {
      throw RecordingError.shape(file: file, of: name, expected: expected, found: found)
    }
  }
}
