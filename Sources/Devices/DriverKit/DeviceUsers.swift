import Glibc

/// Where a symbolic link leads, as it says; nil when it is none or cannot be read.
package func linkTarget(_ path: String) -> String? {
  var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
  let length = buffer.withUnsafeMutableBytes { bytes in
    bytes.baseAddress.map { readlink(path, $0, bytes.count) } ?? -1
  }
  return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : nil
}

/// The path without symbolic links; nil when nothing is there.
package func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// A process that runs.
package struct RunningProcess: Sendable, Equatable {
  package let number: Int
  package let command: String

  package init(_ number: Int) {
    self.number = number
    command = firstLine(of: "/proc/\(number)/comm") ?? "a program"
  }

  /// The other processes that have a device open, as far as this user may know.
  package static func all(using path: String) -> [RunningProcess] {
    guard let target = resolvedPath(path) else { return [] }
    let own = Int(getpid())
    return namesInFolder("/proc").compactMap(Int.init).filter { $0 != own }.compactMap { number in
      let folder = "/proc/\(number)/fd"
      guard namesInFolder(folder).contains(where: { linkTarget("\(folder)/\($0)") == target }) else { return nil }
      return RunningProcess(number)
    }
  }
}

extension RunningProcess: CustomStringConvertible {
  package var description: String { "\(command) (process \(number))" }
}
