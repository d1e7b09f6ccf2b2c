import Glibc

/// A pipe, a device or a descriptor that was open already: what is written there is not replaced but appended to.
final class FileStream {
  private let descriptor: Int32
  private let name: String

  /// Waits a few seconds for somebody who reads from a pipe.
  init(path: String) throws {
    name = path
    descriptor = try Self.open(path)
    _ = fcntl(descriptor, F_SETFL, 0)
  }

  init(duplicating original: Int32, named name: String) throws {
    self.name = name
    descriptor = fcntl(original, F_DUPFD_CLOEXEC, 0)
    guard descriptor >= 0 else { throw FilesError.failedWrite(name, errno) }
  }

  deinit { close(descriptor) }

  func write(_ parts: [[UInt8]]) throws {
    for part in parts {
      if let failure = Self.failure(writing: part, to: descriptor) {
        if failure == EPIPE { throw FilesError.abandoned(file: name) }
        throw FilesError.cut(file: name, reason: String(cString: strerror(failure)))
      }
    }
  }

  /// Milliseconds to wait for a reader, and between two looks.
  private static let (patience, pause): (Int32, Int32) = (5000, 50)

  private static func open(_ path: String) throws -> Int32 {
    var waited: Int32 = 0
    while true {
      let descriptor = Glibc.open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      if descriptor >= 0 { return descriptor }
      let failure = errno
      guard failure == ENXIO else { throw FilesError.failedWrite(path, failure) }
      guard waited < patience else {
        throw FilesError.unwritable(file: path, reason: "nothing reads from this pipe; start the reader first")
      }
      waited += pause
      poll(nil, 0, pause)
    }
  }

  /// Writes all bytes; the system's error when that fails.
  static func failure(writing bytes: [UInt8], to descriptor: Int32) -> Int32? {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let put = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if put < 0, errno == EINTR { continue }
        if put < 0, errno == EAGAIN {
          var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wanted, 1, -1)
          continue
        }
        if put < 0 { return errno }
        done += put
      }
      return nil
    }
  }
}
