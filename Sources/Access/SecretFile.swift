import Foundation
import ServiceCore

/// Files that hold secrets.
enum SecretFile {
  /// The text of a file that only its owner can read, who is the daemon's user or root.
  ///
  /// - Throws: ``ServiceError/startup(_:)``.
  static func read(_ path: String, capacity: Int) throws(ServiceError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .startup("\(path): cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    try check(descriptor, path, capacity: capacity)
    let bytes = try? FileHandle(fileDescriptor: descriptor).read(upToCount: capacity)
    guard let text = String(data: bytes ?? Data(), encoding: .utf8) else {
      throw .startup("\(path): is no UTF-8 text")
    }
    return text
  }

  private static func check(_ descriptor: Int32, _ path: String, capacity: Int) throws(ServiceError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .startup("\(path): is no file")
    }
    guard status.st_size <= capacity else { throw .startup("\(path): is larger than \(capacity) bytes") }
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      throw .startup(
        "\(path): belongs to user \(status.st_uid), who can read and change this secret; make it the daemon's: "
          + "chown \(geteuid()) \(path)")
    }
    guard status.st_mode & (isCredential(path) ? 0o007 : 0o077) == 0 else {
      throw .startup("\(path): others can read this secret; make it the daemon's alone: chmod 600 \(path)")
    }
  }

  /// systemd gives a service its credentials by an access list, which shows as a right of the group.
  private static func isCredential(_ path: String) -> Bool {
    let folder = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] ?? ""
    return !folder.isEmpty && path.hasPrefix(folder + "/") && !path.contains("/../")
  }
}
