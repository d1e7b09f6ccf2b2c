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

    /// Whether the content is older than the last save.
    public var isRecovered: Bool { damage != nil }
  }

  public let path: String
  /// The version of the content's form; a file with another one is refused.
  public let schema: Int

  public init(path: String, schema: Int) {
    self.path = path
    self.schema = schema
  }

  /// Where the copy before the last save is.
  public var previousPath: String { path + ".previous" }

  /// Whether anything has been saved.
  public var exists: Bool { AtomicFile.exists(path) || AtomicFile.exists(previousPath) }

  /// Replaces the content at once. On failure, a full disk say, the last good copy still loads. At every moment there is a
  /// whole file at ``path``.
  public func save(_ bytes: [UInt8]) throws {
    try AtomicFile.write([header(of: bytes), bytes], to: path) { target in
      if (try? content(of: target)) != nil { try keepAsPrevious(target) }
    }
  }

  /// Replaces both copies, for content that is final: the copy before it shall never be taken for the present one.
  public func saveFinal(_ bytes: [UInt8]) throws {
    try AtomicFile.write([header(of: bytes), bytes], to: path) { _ in }
    try AtomicFile.write([header(of: bytes), bytes], to: previousPath) { _ in }
  }

  /// Has the newest copy count as damaged, where nothing can be written any more: see ``Loaded/damage``.
  public func disown() { _ = rename(path, previousPath) }

  private func header(of bytes: [UInt8]) -> [UInt8] {
    Array("\(Self.magic) schema=\(schema) crc32=\(Self.checksum(bytes)) length=\(bytes.count)\n".utf8)
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

  private static let magic = "odu-state"

  private func content(of file: String) throws -> [UInt8] {
    let whole = try AtomicFile.read(file)
    guard let end = whole.prefix(128).firstIndex(of: 10) else {
      throw FilesError.malformed(file: file, place: "byte 0", expected: "a state file's header line")
    }
    let fields = String(decoding: whole[..<end], as: UTF8.self).split(separator: " ")
    guard fields.count == 4, fields[0] == Self.magic, let found = value(fields[1], "schema").flatMap({ Int($0) }),
      let checksum = value(fields[2], "crc32"), let length = value(fields[3], "length").flatMap({ Int($0) })
    else { throw FilesError.malformed(file: file, place: "byte 0", expected: "a state file's header line") }
    let bytes = Array(whole[(end + 1)...])
    guard bytes.count == length else {
      throw FilesError.malformed(
        file: file, place: "content", expected: "\(length) bytes after the header, found \(bytes.count)")
    }
    guard Self.checksum(bytes) == checksum else {
      throw FilesError.malformed(
        file: file, place: "content", expected: "checksum \(checksum), found \(Self.checksum(bytes))")
    }
    guard found == schema else { throw FilesError.schema(file: file, found: found, expected: schema) }
    return bytes
  }

  private func value(_ field: Substring, _ key: String) -> String? {
    field.hasPrefix(key + "=") ? String(field.dropFirst(key.count + 1)) : nil
  }

  private static func checksum(_ bytes: [UInt8]) -> String {
    let code = bytes.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
    let digits = String(code, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
