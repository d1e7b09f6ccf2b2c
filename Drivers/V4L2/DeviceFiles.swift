import Devices
import Glibc

/// Where a symbolic link leads, as it says; nil when it is none or cannot be read.
func linkTarget(_ path: String) -> String? {
  var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
  let length = buffer.withUnsafeMutableBytes { bytes in
    bytes.baseAddress.map { readlink(path, $0, bytes.count) } ?? -1
  }
  return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : nil
}

/// The path without symbolic links.
func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// The processes that hold a device node open, as far as the user may know; this one is not among them.
struct ProcessesUsing {
  /// Name and number of each.
  let names: [String]

  init(path: String) {
    guard let node = resolvedPath(path) else {
      names = []
      return
    }
    names = namesInFolder("/proc").compactMap { process in
      guard let number = Int32(process), number != getpid() else { return nil }
      let holds = namesInFolder("/proc/\(process)/fd").contains { linkTarget("/proc/\(process)/fd/\($0)") == node }
      return holds ? "\(Self.command(of: process)) (pid \(process))" : nil
    }
  }

  private static func command(of process: String) -> String {
    textOfFile("/proc/\(process)/comm").map { String($0.prefix { $0 != "\n" }) } ?? "process"
  }
}
