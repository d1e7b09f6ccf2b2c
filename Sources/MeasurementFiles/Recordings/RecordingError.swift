/// Why a run is not recorded, or no longer. What was recorded before stays readable, and the measurement continues.
public enum RecordingError: Error, Equatable, CustomStringConvertible {
  /// There is such a file, and recordings are never written over.
  case exists(file: String)
  case unwritable(file: String, reason: String)
  /// The recording has as many bytes as it may.
  case limitReached(file: String, limit: Int, images: Int)
  /// The rest of the disk is kept for checkpoints and results.
  case diskFull(file: String, free: Int, reserve: Int, images: Int)
  /// A block does not have the shape that the recording was begun with.
  case shape(file: String, of: String, expected: [Int], found: [Int])

  public var description: String {
    switch self {
    case .exists(let file): "\(file): exists already, and a recording is never overwritten; give another name"
    case .unwritable(let file, let reason): "\(file): recording stops, the measurement continues: \(reason)"
    case .limitReached(let file, let limit, let images):
      "\(file): recording stops after \(images) images, the measurement continues: "
        + "the recording may have \(limit) bytes at most"
    case .diskFull(let file, let free, let reserve, let images):
      "\(file): recording stops after \(images) images, the measurement continues: \(free) bytes are free on the disk, "
        + "of which \(reserve) are kept for checkpoints and results; delete old runs"
    case .shape(let file, let name, let expected, let found):
      "\(file): recording stops, the measurement continues: \(name) have the shape \(found), expected \(expected)"
    }
  }
}
