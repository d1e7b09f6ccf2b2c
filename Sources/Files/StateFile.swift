import CZLib
import Glibc

/// A file that a program must find whole again: checkpoints, calibrations, runs.
///
/// One header line with magic, schema, checksum and length stands before the content. The copy that was good before the
/// last ``save(_:)`` stays beside it as `<name>.previous`.
public struct StateFile: Sendable {
  /// What was found on the disk.
  public struct Loaded: Sendable, Equatable {
    public let bytes: [UInt8]
    /// Why the newest copy could not be used, when the content is that of the previous one.
    public let damage: FilesError?
  }

  public let path: String
  /// The version of the content's form; a file with another one is refused.
  public let schema: Int
  /// Bytes of the whole file. More are neither written nor read: a damaged file must not take all memory.
  public let limit: Int

  public init(path: String, schema: Int, limit: Int = 1 << 32) {
    self.path = path
    self.schema = schema
    self.limit = limit
  }

  /// Where the copy before the last save is.
  public var previousPath: String { path + ".previous" }

  /// Whether anything has been saved.
  public var exists: Bool { AtomicFile.exists(path) || AtomicFile.exists(previousPath) }

  /// Replaces the content at once. On failure, a full disk say, the last good copy still loads. At every moment there is a
  /// whole file at ``path``.
  public func save(_ bytes: [UInt8]) throws {
    try AtomicFile.write(parts(of: bytes), to: path) { target in
      if (try? content(of: target)) != nil { try keepAsPrevious(target) }
    }
  }

  /// Replaces both copies, for content that is final: the copy before it shall never be taken for the present one.
  public func saveFinal(_ bytes: [UInt8]) throws {
    let parts = try parts(of: bytes)
    try AtomicFile.write(parts, to: path) { _ in }
    do {
      try AtomicFile.write(parts, to: previousPath) { _ in }
    } catch {
      // Without room for two there is one, as long as none is left that says otherwise.
      guard unlink(previousPath) == 0 || errno == ENOENT else { throw error }
    }
  }

  /// Has the newest copy count as damaged, where nothing can be written any more: see ``Loaded/damage``.
  public func disown() {
    guard rename(path, previousPath) != 0 else { return }
    // Where no name can change, a byte may still change in its place, which takes no room.
    let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    _ = pwrite(descriptor, "-", 1, 0)
    fsync(descriptor)
  }

  /// The header and the content.
  private func parts(of bytes: [UInt8]) throws -> [[UInt8]] {
    let header = Array("\(Self.magic) schema=\(schema) crc32=\(Self.checksum(bytes)) length=\(bytes.count)\n".utf8)
    guard bytes.count <= limit - header.count else {
      throw FilesError.unwritable(
        file: path, reason: "it would have \(bytes.count) bytes, more than its limit of \(limit)")
    }
    return [header, bytes]
  }

  /// Gives the present file its second name, which it keeps when another takes its place.
  private func keepAsPrevious(_ target: String) throws {
    let second = AtomicFile.temporaryName(for: previousPath)
    guard link(target, second) == 0 else {
      // Not all file systems have hard links.
      try AtomicFile.write(AtomicFile.read(target), to: previousPath)
      return
    }
    // Two names of one file are left as they are.
    defer { unlink(second) }
    guard rename(second, previousPath) == 0 else { throw FilesError.failedWrite(previousPath, errno) }
  }

  /// The newest good copy.
  ///
  /// - Throws: ``FilesError``: that of the newest copy when there is no good one; ``FilesError/schema(file:found:expected:)``
  ///   when the newest is whole but of another schema.
  public func load() throws -> Loaded {
    do {
      return Loaded(bytes: try content(of: path), damage: nil)
    } catch let damage as FilesError {
      if case .schema = damage { throw damage }
      guard let bytes = try? content(of: previousPath) else { throw damage }
      return Loaded(bytes: bytes, damage: damage)
    }
  }

  /// Has the copy before the last save say the same as the newest, which is final.
  public func seal() throws { try AtomicFile.write(AtomicFile.read(path), to: previousPath) }

  /// Refuses a file that is not whole, whatever its schema.
  ///
  /// - Throws: ``FilesError/malformed(file:place:expected:)``, ``FilesError/unreadable(file:reason:)``.
  public static func check(_ path: String) throws {
    let file = try RegularFile(path)
    let start = try file.bytes(min(headerLimit, file.size), at: 0)
    guard let end = start.firstIndex(of: 10), let header = Header(start[..<end]) else {
      throw FilesError.malformed(file: path, place: "byte 0", expected: "a state file's header line")
    }
    let length = file.size - end - 1
    guard length == header.length else {
      throw FilesError.malformed(
        file: path, place: "content", expected: "\(header.length) bytes after the header, found \(length)")
    }
    var (code, place) = (uLong(0), end + 1)
    while place < file.size {
      let piece = try file.bytes(min(1 << 20, file.size - place), at: place)
      // Somebody may be cutting it.
      if piece.isEmpty { throw FilesError.unreadable(file: path, reason: "it ends at byte \(place)") }
      code = piece.withUnsafeBufferPointer { crc32_z(code, $0.baseAddress, $0.count) }
      place += piece.count
    }
    guard text(code) == header.checksum else {
      throw FilesError.malformed(
        file: path, place: "content", expected: "checksum \(header.checksum), found \(text(code))")
    }
  }

  private static let magic = "odu-state"

  private static let headerLimit = 128

  /// The first line.
  private struct Header {
    var schema: Int
    var checksum: Substring
    var length: Int

    init?(_ line: ArraySlice<UInt8>) {
      let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
      func value(_ field: Substring, _ key: String) -> Substring? {
        field.hasPrefix(key + "=") ? field.dropFirst(key.count + 1) : nil
      }
      guard fields.count == 4, fields[0] == StateFile.magic,
        let schema = value(fields[1], "schema").flatMap({ Int($0) }),
        let checksum = value(fields[2], "crc32"), let length = value(fields[3], "length").flatMap({ Int($0) })
      else { return nil }
      (self.schema, self.checksum, self.length) = (schema, checksum, length)
    }
  }

  private func content(of file: String) throws -> [UInt8] {
    // The header is looked at first, so that a large file of another kind takes no memory.
    let opened = try RegularFile(file, limit: limit)
    let start = try opened.bytes(min(Self.headerLimit, opened.size), at: 0)
    guard let end = start.firstIndex(of: 10), let header = Header(start[..<end]) else {
      throw FilesError.malformed(file: file, place: "byte 0", expected: "a state file's header line")
    }
    let length = opened.size - end - 1
    guard length == header.length else {
      throw FilesError.malformed(
        file: file, place: "content", expected: "\(header.length) bytes after the header, found \(length)")
    }
    let bytes = try opened.bytes(length, at: end + 1)
    guard Self.checksum(bytes) == header.checksum else {
      throw FilesError.malformed(
        file: file, place: "content", expected: "checksum \(header.checksum), found \(Self.checksum(bytes))")
    }
    guard header.schema == schema else {
      throw FilesError.schema(file: file, found: header.schema, expected: schema)
    }
    return bytes
  }

  private static func checksum(_ bytes: [UInt8]) -> String {
    text(bytes.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) })
  }

  private static func text(_ code: uLong) -> String {
    let digits = String(code, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
