import Glibc

/// A file descriptor that is closed when its owner is gone.
package struct OwnedDescriptor: ~Copyable, Sendable {
  package let number: Int32

  package init(_ number: Int32) { self.number = number }

  deinit { close(number) }
}

/// A character device in the file system.
package struct DeviceNode: Sendable, Equatable {
  package let path: String
  /// The numbers that the kernel knows it by.
  package let major: UInt64
  package let minor: UInt64
  private let group: gid_t
  private let mode: mode_t

  /// - Parameters:
  ///   - device: what messages call the device.
  ///   - expected: what the path should lead to, for messages.
  ///   - present: what could be meant instead.
  /// - Throws: ``DeviceError/absent(device:present:)``, ``DeviceError/notADevice(path:expected:found:)`` and
  ///   ``DeviceError/noPermission(path:group:)``.
  package init(_ path: String, device: String, expected: String, present: @autoclosure () -> [String]) throws {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let reason = errno
      guard reason != EACCES else { throw Self.noWay(to: path) }
      throw DeviceError.absent(device: device, present: present())
    }
    guard status.st_mode & S_IFMT == S_IFCHR else {
      throw DeviceError.notADevice(path: path, expected: expected, found: Self.kind(of: status.st_mode))
    }
    self.path = path
    let number = UInt64(status.st_rdev)
    major = (number >> 8 & 0xfff) | (number >> 32 & ~0xfff)
    minor = (number & 0xff) | (number >> 12 & 0xffff_ff00)
    group = status.st_gid
    mode = status.st_mode
  }

  /// Opens the device for reading and writing.
  /// - Throws: ``DeviceError``.
  package func open(device: String) throws -> OwnedDescriptor {
    let descriptor = retryingInterrupted { systemOpen(path, O_RDWR | O_CLOEXEC) }
    if descriptor >= 0 { return OwnedDescriptor(descriptor) }
    switch errno {
    case EACCES, EPERM: throw DeviceError.noPermission(path: path, group: groupName)
    case EBUSY: throw DeviceError.inUse(device: device, reason: "another program has opened \(path); end it first")
    case ENOENT, ENXIO, ENODEV: throw DeviceError.disconnected(device: device, reason: "nothing answers at \(path)")
    case let code: throw DeviceError.failed(device: device, operation: "opening \(path)", reason: errorText(code))
    }
  }

  /// Whether this user may open it.
  package var isAccessible: Bool { access(path, R_OK | W_OK) == 0 }

  /// The group whose members may open it; nil when none may.
  package var groupName: String? { Self.group(group, mode: mode, needing: S_IRGRP | S_IWGRP) }

  /// A folder that this user may not look into hides the path.
  private static func noWay(to path: String) -> DeviceError {
    var folder = path
    while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
      folder = String(folder[..<slash])
      var status = stat()
      guard stat(folder, &status) == 0 else { continue }
      return .noPermission(path: folder, group: group(status.st_gid, mode: status.st_mode, needing: S_IXGRP))
    }
    return .noPermission(path: path, group: nil)
  }

  /// The name of a group, or its number; nil for that of root, and when the mode does not give it all of `rights`.
  package static func group(_ group: gid_t, mode: mode_t, needing rights: mode_t) -> String? {
    guard group != 0, mode & rights == rights else { return nil }
    var entry = Group()
    var found: UnsafeMutablePointer<Group>?
    var buffer = [CChar](repeating: 0, count: 1 << 14)
    guard getgrgid_r(group, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.gr_name else {
      return "\(group)"
    }
    return String(cString: name)
  }

  private static func kind(of mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFBLK: "a block device"
    case S_IFREG: "a file"
    default: "no device"
    }
  }
}

private typealias Group = group

private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags) }

/// Repeats a system call that a signal interrupted.
package func retryingInterrupted(_ call: () -> Int32) -> Int32 {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

/// The words of the operating system for an error number.
package func errorText(_ code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

/// Blocks this thread until the monotonic clock shows a time in nanoseconds. For device threads only.
package func sleepThread(until deadline: UInt64) {
  var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
  while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
}

/// The text of a small file, such as one in `/sys` or `/proc`; nil when it cannot be read.
package func textOfFile(_ path: String) -> String? { bytesOfFile(path).map { String(decoding: $0, as: UTF8.self) } }

/// The bytes of a small file, as `/sys` has them; nil when it cannot be read.
package func bytesOfFile(_ path: String) -> [UInt8]? {
  let descriptor = OwnedDescriptor(open(path, O_RDONLY | O_CLOEXEC))
  guard descriptor.number >= 0 else { return nil }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 4096)
  while bytes.count < 1 << 20 {
    let count = read(descriptor.number, &chunk, chunk.count)
    guard count > 0 else { break }
    bytes += chunk[..<count]
  }
  return bytes
}

/// The first line of a small file, without its end; nil when the file cannot be read.
package func firstLine(of path: String) -> String? {
  textOfFile(path).map { String($0.prefix { $0 != "\n" }) }
}

/// The names in a folder, sorted; none when it cannot be read.
package func namesInFolder(_ path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
      tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

extension DeviceError {
  /// What an error means while a device is being opened again: what is not there yet, or does not belong to the user's
  /// group yet, may come.
  package func whileReconnecting(_ device: String) -> DeviceError {
    switch self {
    case .absent: .disconnected(device: device, reason: "it has not come back")
    case .noPermission(let path, _): .disconnected(device: device, reason: "\(path) may not be opened, or not yet")
    default: self
    }
  }
}
