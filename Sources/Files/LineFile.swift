import Glibc

/// A text file that grows by whole lines at its end.
///
/// A line is on the disk when ``append(_:)`` returns. A program that is killed meanwhile leaves a part of one line, which the next line
/// does not continue.
public struct LineFile: Sendable {
  public let path: String
  /// Bytes of the whole file; a larger one is not read.
  public let limit: Int

  public init(path: String, limit: Int = 16 << 20) { (self.path, self.limit) = (path, limit) }

  /// The lines, without their ends; none when there is no such file.
  ///
  /// - Throws: ``FilesError/unreadable(file:reason:)``.
  public func lines() throws -> [[UInt8]] {
    guard AtomicFile.exists(path) else { return [] }
    return try AtomicFile.read(path, limit: limit).split(separator: Self.end).map { Array($0) }
  }

  /// - Precondition: the line has no end of a line in it.
  /// - Throws: ``FilesError``.
  public func append(_ line: [UInt8]) throws {
    precondition(!line.contains(Self.end), "a line has one end")
    let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o666)
    guard descriptor >= 0 else { throw FilesError.failedWrite(path, errno) }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0 else { throw FilesError.failedWrite(path, errno) }
    var last = Self.end
    if size > 0, pread(descriptor, &last, 1, size - 1) != 1 { throw FilesError.failedWrite(path, errno) }
    let bytes = (last == Self.end ? [] : [Self.end]) + line + [Self.end]
    if let failure = FileStream.failure(writing: bytes, to: descriptor) { throw FilesError.failedWrite(path, failure) }
    guard fsync(descriptor) == 0 else { throw FilesError.failedWrite(path, errno) }
    if size == 0 { try AtomicFile.synchronizeFolder(of: path) }
  }

  /// Puts other lines in the place of all, at once.
  public func replace(by lines: [[UInt8]]) throws {
    try AtomicFile.write(lines.flatMap { $0 + [Self.end] }, to: path)
  }

  private static let end = UInt8(ascii: "\n")
}
