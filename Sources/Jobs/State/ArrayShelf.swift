import Arrays
import BenchAPI
import Concurrency
import Files
import Foundation
import ServiceCore

/// The arrays that clients uploaded, as `.npy` files in the state folder. Jobs and requests refer to them by name.
package struct ArrayShelf: Sendable {
  static let countLimit = 256
  static let byteLimit = 2 << 30

  package let folder: URL
  /// One array at a time takes its place, so that all together keep to the limits.
  private let places = Locked(false)

  package init(folder: URL) { self.folder = folder }

  /// Puts an array that has arrived in its place, after checking that it is one.
  package func put(_ upload: Upload, as name: String) throws -> ArrayStatus {
    let path = try path(of: name)
    let file = try RegularFile(upload.path)
    do {
      try StackFile(file, source: name).check()
    } catch let error as FilesError {
      throw ServiceError(.arrayInvalid, "\(error)")
    }
    try upload.synchronize()
    try places.withLock { _ in
      let others = try list().filter { $0.name != name }
      guard others.count < Self.countLimit, (others.map(\.bytes) + [file.size]).clampedSum() <= Self.byteLimit else {
        throw ServiceError(
          .arrayNoRoom,
          "no room for array \(name): at most \(Self.countLimit) arrays and \(Self.byteLimit) bytes; delete some")
      }
      try upload.become(path)
    }
    return ArrayStatus(name: name, bytes: file.size)
  }

  /// A place for an array that is about to arrive.
  package func upload(as name: String) throws -> Upload { try Upload(target: path(of: name)) }

  /// The file of an array.
  package func file(of name: String) throws -> RegularFile {
    let path = try path(of: name)
    guard FileManager.default.fileExists(atPath: path) else {
      throw ServiceError(.arrayUnknown, "there is no array \(name); upload it with PUT /v1/arrays/\(name)")
    }
    return try RegularFile(path)
  }

  /// An array whose header can be looked at before the rest is read.
  package func stackFile(_ name: String) throws -> StackFile { try StackFile(file(of: name), source: name) }

  package func stack(_ name: String) throws -> Stack<Float> { try stackFile(name).stack() }

  package func remove(_ name: String) throws {
    guard unlink(try path(of: name)) != 0 else { return }
    let failure = errno
    if failure == ENOENT { throw ServiceError(.arrayUnknown, "there is no array \(name)") }
    throw ServiceError(.stateUnwritable, "array \(name) cannot be removed: \(String(cString: strerror(failure)))")
  }

  package func list() throws -> [ArrayStatus] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.fileSizeKey])
      .filter { $0.pathExtension == "npy" && FileName.isPlain($0.lastPathComponent) }
      .map {
        ArrayStatus(
          name: $0.deletingPathExtension().lastPathComponent,
          bytes: try $0.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
      }
      .sorted { $0.name < $1.name }
  }

  private func path(of name: String) throws -> String {
    try FileName.check(name, of: "an array")
    return folder.appendingPathComponent("\(name).npy").path
  }
}

/// Names that clients may give to files.
enum FileName {
  /// Letters, digits, `.`, `-` and `_`, at most 100, not starting with a dot.
  static func isPlain(_ name: String) -> Bool {
    (1...100).contains(name.utf8.count) && name.first != "."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  static func check(_ name: String, of thing: String) throws {
    guard isPlain(name) else {
      throw ServiceError(
        .nameInvalid, "\"\(name.prefix(100))\" cannot name \(thing): use up to 100 letters, digits, '.', '-' and '_'")
    }
  }
}
