import Files
import Foundation

/// The Unix socket that a daemon listens on.
public enum SocketPath {
  /// Makes sure that the daemon can bind the path: its folder exists, nobody answers there, and the file that a killed
  /// daemon left is gone.
  ///
  /// - Throws: ``ServiceError/startup(_:)``.
  public static func prepare(_ path: String) throws {
    var address = sockaddr_un()
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard !path.isEmpty, path.utf8.count < capacity else {
      throw ServiceError.startup("socket \(path): give a path of at most \(capacity - 1) bytes")
    }
    do {
      try AtomicFile.makeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    } catch {
      throw ServiceError.startup("socket \(path): its folder \(error)")
    }
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw ServiceError.startup("socket \(path): there is a file that is no socket; remove it or give another path")
    }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    guard !isAnswered(address) else {
      throw ServiceError.startup("socket \(path): a daemon answers there; stop it or give another path with --socket")
    }
    unlink(path)
  }

  private static func isAnswered(_ address: sockaddr_un) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}
