import Files
import Foundation
import ServiceCore

/// The folder in which a daemon keeps everything that outlives it; one daemon at a time uses it.
public final class StateFolder: Sendable {
  public let url: URL
  private let lock: Int32
  /// Whether the folder was not there before.
  private let isNew: Bool
  private let isTemporary: Bool

  /// The directories of the jobs, by job.
  public var runs: URL { url.appendingPathComponent("runs", isDirectory: true) }
  /// The uploaded arrays.
  public var arrays: URL { url.appendingPathComponent("arrays", isDirectory: true) }
  /// The calibrations.
  package var calibrations: URL { url.appendingPathComponent("calibrations", isDirectory: true) }
  /// The index.
  package var database: String { url.appendingPathComponent("odu.sqlite").path }
  /// The ledger of drift.
  package var drift: String { url.appendingPathComponent("drift.jsonl").path }
  /// The last running numbers.
  package var numbers: String { url.appendingPathComponent("numbers.state").path }

  /// Makes the folder if need be and locks it until this object is gone.
  ///
  /// - Parameter temporary: whether ``removeContents()`` shall be called in the end; the folder must then be empty.
  /// - Throws: ``ServiceError/startup(_:)`` when another daemon holds it or it cannot be made.
  public init(path: String, temporary: Bool = false) throws {
    guard !path.isEmpty else { throw ServiceError.startup("the state folder has no name; give one with --state") }
    url = URL(fileURLWithPath: path, isDirectory: true)
    isNew = !AtomicFile.exists(path)
    isTemporary = temporary
    if temporary, !isNew { try Self.requireEmpty(path) }
    do {
      for folder in ["runs", "arrays"] { try AtomicFile.makeFolder(url.appendingPathComponent(folder).path) }
    } catch {
      throw ServiceError.startup("state folder \(error)")
    }
    lock = try Self.lock(url.appendingPathComponent("odud.lock").path, folder: path)
    for folder in [url, arrays, calibrations] { AtomicFile.removeUnfinished(in: folder.path) }
  }

  private static func requireEmpty(_ path: String) throws {
    guard AtomicFile.isFolder(path), access(path, R_OK) == 0, AtomicFile.names(in: path).isEmpty else {
      throw ServiceError.startup(
        "state folder \(path): --temporary removes the state at the end, but this folder exists and is not empty; give a "
          + "folder that does not exist with --state, or leave --temporary out")
    }
  }

  /// Removes what daemons write into the folder, and the folder when this object made it and nothing else is in it.
  ///
  /// - Throws: what the system says.
  public func removeContents() throws {
    let own = [
      runs.path, arrays.path, calibrations.path, numbers, numbers + ".previous", drift, url.path + "/odud.lock",
    ]
    let databases = AtomicFile.names(in: url.path).filter { $0.hasPrefix("odu.sqlite") }.map { "\(url.path)/\($0)" }
    for path in own + databases where AtomicFile.exists(path) { try FileManager.default.removeItem(atPath: path) }
    AtomicFile.removeUnfinished(in: url.path)
    if isNew { rmdir(url.path) }
  }

  /// Lets the next daemon have the folder, although somebody may still hold this object. One that will be removed is kept.
  package func release() {
    if !isTemporary { flock(lock, LOCK_UN) }
  }

  deinit { close(lock) }

  private static func lock(_ path: String, folder: String) throws -> Int32 {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw ServiceError.startup(
        "state folder \(folder): \(path): cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      defer { close(descriptor) }
      let holder = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").first ?? "unknown"
      throw ServiceError.startup(
        "state folder \(folder): odud with process id \(holder) uses it; stop that or give another folder with --state")
    }
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, write(descriptor, text, text.count) == text.count else {
      defer { close(descriptor) }
      throw ServiceError.startup("\(path): cannot be written: \(String(cString: strerror(errno)))")
    }
    return descriptor
  }
}
