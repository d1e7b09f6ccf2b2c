import Foundation

/// Does something that blocks on a thread of its own: those of Swift's tasks are few, and the daemon needs them.
func apart<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
}

/// What a daemon sends back before it closes the connection.
func answer(to request: String, _ path: String) async -> String {
  await apart {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    guard inAddress(path, { connect(descriptor, $0, $1) }) == 0 else { return "nobody answers" }
    let bytes = Array(request.utf8)
    _ = send(descriptor, bytes, bytes.count, 0)
    var (text, part) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
    while case let count = recv(descriptor, &part, 4096, 0), count > 0 { text += part[..<count] }
    return String(decoding: text, as: UTF8.self)
  }
}

func inAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

/// A connection on which a test says every byte, and reads when it likes.
final class RawClient: Sendable {
  private let descriptor: Int32

  /// Sends a request.
  init(_ path: String, _ request: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    _ = inAddress(path) { connect(descriptor, $0, $1) }
    let bytes = Array(request.utf8)
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  deinit { close(descriptor) }

  /// At most so many bytes; none at the end.
  func read(_ count: Int) async -> [UInt8] {
    await apart { [self] in
      var part = [UInt8](repeating: 0, count: count)
      return Array(part[..<max(0, recv(descriptor, &part, count, 0))])
    }
  }
}
