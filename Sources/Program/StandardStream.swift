import Glibc

/// Standard output or standard error. Whatever is at the other end, writing there is done or fails; it neither traps nor ends
/// the process.
public struct StandardStream: Sendable {
  public static let output = StandardStream(descriptor: STDOUT_FILENO, name: "standard output")
  public static let error = StandardStream(descriptor: STDERR_FILENO, name: "standard error")

  private let descriptor: Int32
  private let name: String

  /// A stream on any descriptor; `name` stands in messages.
  package init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Writes all of the text.
  ///
  /// - Throws: ``StreamFailure``; a part may then have been written.
  public func write(_ text: String) throws(StreamFailure) {
    var text = text
    let code = text.withUTF8 { reasonForStopping(at: UnsafeRawBufferPointer($0)) }
    if let code { throw StreamFailure(stream: name, code: code) }
  }

  /// Writes the bytes; the error number when they do not go out.
  private func reasonForStopping(at bytes: UnsafeRawBufferPointer) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        waitUntilWritable()
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }

  /// Another program may have made the open file non-blocking, which it then is for all that share it.
  private func waitUntilWritable() {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&request, 1, -1)
  }
}

/// Why a standard stream does not take what is written.
public struct StreamFailure: Error, Equatable, CustomStringConvertible {
  let stream: String
  let code: Int32

  /// Whether whoever read the stream has left.
  public var isBrokenPipe: Bool { code == EPIPE }

  public var description: String {
    let reason = code == EBADF ? "it is closed" : String(cString: strerror(code))
    return "\(stream) cannot be written: \(reason)"
  }
}
