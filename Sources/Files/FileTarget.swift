import Glibc

/// Where the bytes for a path go.
enum FileTarget {
  /// A regular file, or none yet, which is replaced at once. All links have been followed.
  case file(path: String, present: stat?)
  /// A pipe or a character device, into which the bytes are written.
  case stream(path: String)
  /// A descriptor that this process has open already, by a name such as `/dev/stdout`.
  case descriptor(Int32)

  /// - Throws: ``FilesError`` when nothing can be written there, whatever the permissions.
  init(_ path: String) throws {
    if let descriptor = Self.descriptor(named: path) {
      self = .descriptor(descriptor)
      return
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      guard errno == ENOENT else { throw FilesError.failedWrite(path, errno) }
      self = try Self.new(path)
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = try Self.regular(path, status)
    case S_IFIFO, S_IFCHR: self = .stream(path: path)
    case S_IFDIR: throw FilesError.irregular(file: path, kind: "a folder")
    case S_IFBLK: throw FilesError.irregular(file: path, kind: "a block device")
    case S_IFSOCK: throw FilesError.irregular(file: path, kind: "a socket")
    default: throw FilesError.irregular(file: path, kind: "neither a file nor a pipe")
    }
  }

  /// A name that is free, or a link to one.
  private static func new(_ path: String) throws -> FileTarget {
    let target = try followed(path)
    let folder = AtomicFile.folder(of: target)
    guard !AtomicFile.name(of: target).isEmpty else {
      throw FilesError.unwritable(file: path, reason: "it names a folder")
    }
    guard AtomicFile.exists(folder) else {
      throw FilesError.unwritable(file: path, reason: "No such file or directory: make the folder \(folder) first")
    }
    return .file(path: target, present: nil)
  }

  private static func regular(_ path: String, _ status: stat) throws -> FileTarget {
    // Its folder might allow a replacement; whoever protected the file does not want one.
    guard access(path, W_OK) == 0 else { throw FilesError.failedWrite(path, errno) }
    let target = try followed(path)
    var found = stat()
    // Names under /proc lead to files that have no path any more, or another one.
    guard lstat(target, &found) == 0, found.st_ino == status.st_ino, found.st_dev == status.st_dev else {
      return .stream(path: path)
    }
    return .file(path: target, present: status)
  }

  /// The path that the links at the end of a path lead to.
  private static func followed(_ path: String) throws -> String {
    var path = path
    for _ in 0..<40 {
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
      let next = try destination(ofLink: path)
      path = next.hasPrefix("/") ? next : AtomicFile.folder(of: path) + "/" + next
    }
    throw FilesError.failedWrite(path, ELOOP)
  }

  private static func destination(ofLink path: String) throws -> String {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = bytes.withUnsafeMutableBytes { buffer in
      readlink(path, buffer.baseAddress!.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    guard count > 0 else { throw FilesError.failedWrite(path, errno) }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private static func descriptor(named path: String) -> Int32? {
    switch path {
    case "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default:
      let folders = ["/dev/fd/", "/proc/self/fd/"]
      return folders.first(where: path.hasPrefix).flatMap { Int32(path.dropFirst($0.count)) }
    }
  }
}
