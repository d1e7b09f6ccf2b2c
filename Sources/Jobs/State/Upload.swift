import Files
import Foundation
import ServiceCore

/// A file that arrives: written beside its place under a hidden name, and removed unless it takes that place.
package final class Upload: Sendable {
  let path: String
  private let target: String
  private let descriptor: Int32

  /// - Throws: ``ServiceError`` when nothing can be written there.
  init(target: String) throws {
    let place = URL(fileURLWithPath: target)
    let name = ".\(place.lastPathComponent).\(getpid()).\(UInt32.random(in: .min ... .max)).tmp"
    self.target = target
    path = place.deletingLastPathComponent().appendingPathComponent(name).path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.refusal(target) }
  }

  deinit {
    close(descriptor)
    // Nothing is there any more when it has taken its place.
    unlink(path)
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      let put = Glibc.write(descriptor, base + done, bytes.count - done)
      if put < 0, errno == EINTR { continue }
      guard put > 0 else { throw Self.refusal(target) }
      done += put
    }
  }

  /// Brings everything to the disk.
  func synchronize() throws {
    guard fsync(descriptor) == 0 else { throw Self.refusal(target) }
  }

  /// Takes its place, and that of a file which may be there.
  func become(_ path: String) throws {
    guard rename(self.path, path) == 0 else { throw Self.refusal(path) }
    try AtomicFile.synchronizeFolder(of: path)
  }

  private static func refusal(_ path: String) -> ServiceError {
    let error = FilesError.failedWrite(path, errno)
    return .storage("\(error)", of: error)
  }
}
