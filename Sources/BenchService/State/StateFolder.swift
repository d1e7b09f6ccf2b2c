import Files
import Foundation

/// The folder in which a daemon keeps everything that outlives it; one daemon at a time uses it.
public final class StateFolder: Sendable {
  public let url: URL
  private let lock: Int32

  /// The directories of the jobs, by job.
  public var runs: URL { url.appendingPathComponent("runs", isDirectory: true) }
  /// The uploaded arrays.
  public var arrays: URL { url.appendingPathComponent("arrays", isDirectory: true) }

  /// Makes the folder if need be and locks it until this object is gone.
  ///
  /// - Throws: ``ServiceError/startup(_:)`` when another daemon holds it or it cannot be made.
  public init(path: String) throws {
    url = URL(fileURLWithPath: path, isDirectory: true)
    do {
      for folder in ["runs", "arrays"] { try AtomicFile.makeFolder(url.appendingPathComponent(folder).path) }
    } catch {
      throw ServiceError.startup("state folder \(error)")
    }
    lock = try Self.lock(url.appendingPathComponent("odud.lock").path, folder: path)
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
