import Glibc

/// A regular file that is open for reading. It stays readable when its name is removed or given to another file.
///
/// Opening never waits and never touches a device: what is no regular file is refused by what it is.
public final class RegularFile: Sendable {
  public let path: String
  /// Its bytes when it was opened.
  public let size: Int
  private let descriptor: Int32

  /// - Throws: ``FilesError/unreadable(file:reason:)``, also for a file larger than `limit` bytes.
  public init(_ path: String, limit: Int = .max) throws {
    self.path = path
    descriptor = try Self.open(path)
    do {
      size = try Self.size(of: descriptor, path, limit: limit)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Reads into a buffer from a place in the file.
  ///
  /// - Returns: the bytes read, fewer than asked for only at the end of the file.
  /// - Throws: ``FilesError/unreadable(file:reason:)``.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    var done = 0
    while done < buffer.count, let base = buffer.baseAddress {
      let got = pread(descriptor, base + done, buffer.count - done, offset + done)
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw FilesError.unreadable(file: path, reason: FilesError.systemReason) }
      if got == 0 { break }
      done += got
    }
    return done
  }

  /// At most `count` bytes from a place in the file, fewer at its end.
  ///
  /// - Throws: ``FilesError/unreadable(file:reason:)``.
  public func bytes(_ count: Int, at offset: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      done = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
  }

  private static func open(_ path: String) throws -> Int32 {
    guard !path.utf8.contains(0) else { throw FilesError.unreadable(file: path, reason: "a path has no zero bytes") }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw FilesError.unreadable(file: path, reason: FilesError.systemReason)
    }
    // To open a device may already do something, and to open a pipe waits for its other end.
    try requireRegular(status, path)
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw FilesError.unreadable(file: path, reason: FilesError.systemReason) }
    return descriptor
  }

  /// What is open may be something else than what was looked at before.
  private static func size(of descriptor: Int32, _ path: String, limit: Int) throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FilesError.unreadable(file: path, reason: FilesError.systemReason)
    }
    try requireRegular(status, path)
    guard status.st_size <= limit else {
      throw FilesError.unreadable(file: path, reason: "it has \(status.st_size) bytes, more than the limit of \(limit)")
    }
    return Int(status.st_size)
  }

  private static func requireRegular(_ status: stat, _ path: String) throws {
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: kind = "a folder"
    case S_IFIFO: kind = "a pipe"
    case S_IFSOCK: kind = "a socket"
    case S_IFCHR, S_IFBLK: kind = "a device"
    default: kind = "something else"
    }
    throw FilesError.unreadable(file: path, reason: "it is \(kind) and not a regular file")
  }
}
