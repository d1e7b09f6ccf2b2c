import Files
import Foundation
import ServiceCore

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
      throw ServiceError.startup("socket \(path): there is a file that is not a socket; remove it or give another path")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    address.sun_family = sa_family_t(AF_UNIX)
    guard try isAbandoned(address, path) else {
      throw ServiceError.startup("socket \(path): a daemon answers there; stop it or give another path with --socket")
    }
    unlink(path)
  }

  /// A socket at the path that listens. Only whoever may write to its folder can have put something there meanwhile.
  ///
  /// - Parameter mode: who may connect.
  /// - Throws: ``ServiceError/startup(_:)``.
  static func listen(on path: String, mode: mode_t) throws -> OwnSocket {
    try whileAlone(inFolderOf: path) {
      try prepare(path)
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      do {
        return try OwnSocket(descriptor: descriptor, path: path, mode: mode)
      } catch {
        close(descriptor)
        throw error
      }
    }
  }

  /// Keeps other daemons from changing sockets in the same folder meanwhile. Who holds the folder for long is not waited for.
  static func whileAlone<Result>(inFolderOf path: String, _ body: () throws -> Result) rethrows -> Result {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    for _ in 0..<patience where descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) != 0 { poll(nil, 0, 10) }
    return try body()
  }

  /// So often, a hundredth of a second apart, is the folder tried.
  private static let patience = 200

  /// Whether the socket is what a daemon left that was killed: nothing else refuses a connection.
  private static func isAbandoned(_ address: sockaddr_un, _ path: String) throws -> Bool {
    let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, flags, 0)
    guard descriptor >= 0 else {
      throw ServiceError.startup("socket \(path): cannot be tried: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    let status = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return status != 0 && errno == ECONNREFUSED
  }
}

/// A Unix socket that this daemon made.
final class OwnSocket: Sendable {
  /// Listens; whoever serves on it closes it.
  let descriptor: Int32
  private let path: String
  private let identity: [UInt64]

  /// - Parameter path: where nothing is.
  fileprivate init(descriptor: Int32, path: String, mode: mode_t) throws {
    (self.descriptor, self.path) = (descriptor, path)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    // Nobody can connect before it listens.
    guard status == 0, chmod(path, mode) == 0, Glibc.listen(descriptor, Self.backlog) == 0,
      let identity = Self.identity(path)
    else { throw ServiceError.startup("socket \(path): \(String(cString: strerror(errno)))") }
    self.identity = identity
  }

  private static let backlog: Int32 = 4096

  /// Removes the socket, unless somebody has put another in its place.
  func remove() {
    SocketPath.whileAlone(inFolderOf: path) {
      if Self.identity(path) == identity { unlink(path) }
    }
  }

  private static func identity(_ path: String) -> [UInt64]? {
    var status = stat()
    return lstat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }
}
