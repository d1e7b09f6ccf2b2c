#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why nobody can be reached on a Unix socket.
public enum SocketFailure: Sendable, Equatable {
  /// There is nothing at the path.
  case absent
  /// There is a socket, and nobody listens on it any more.
  case abandoned
  /// This user may not open it.
  case forbidden
  /// Something else than a socket is at the path.
  case notASocket(found: String)
  /// The path is longer than a socket's can be.
  case tooLong(bytes: Int)
  /// The system refused for another reason.
  case system(reason: String)

  /// Whether a daemon that starts puts it right.
  public var isAbsence: Bool { self == .absent || self == .abandoned }

  /// Bytes of the longest path of a Unix socket; the last of `sun_path` is for its end.
  public static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
}

/// Why nobody can be reached on a Unix socket; nil when somebody listens. The HTTP client would only say so after its
/// connection timeout.
func failure(ofSocket path: String) -> SocketFailure? {
  guard !path.isEmpty else { return .absent }
  guard path.utf8.count <= SocketFailure.longestPath else { return .tooLong(bytes: path.utf8.count) }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
  guard descriptor >= 0 else { return .system(reason: errorText(errno)) }
  defer { close(descriptor) }
  let code = withUnsafePointer(to: address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 ? 0 : errno
    }
  }
  switch code {
  // With EAGAIN somebody listens who has many callers.
  case 0, EAGAIN: return nil
  case ENOENT: return .absent
  case EACCES, EPERM: return .forbidden
  case ECONNREFUSED: return kindOfOther(path).map { .notASocket(found: $0) } ?? .abandoned
  default: return .system(reason: errorText(code))
  }
}

/// What is at a path that is no socket; nil for a socket.
private func kindOfOther(_ path: String) -> String? {
  var status = stat()
  guard stat(path, &status) == 0 else { return nil }
  switch status.st_mode & S_IFMT {
  case S_IFSOCK: return nil
  case S_IFDIR: return "a folder"
  case S_IFREG: return "a file"
  default: return "something else"
  }
}

private func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }
