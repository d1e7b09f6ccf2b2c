#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whether anybody listens on a Unix socket. The HTTP client would only say so after its connection timeout.
func isAnswered(socket path: String) -> Bool {
  var address = sockaddr_un()
  guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  return withUnsafePointer(to: address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 || errno == EAGAIN
    }
  }
}
