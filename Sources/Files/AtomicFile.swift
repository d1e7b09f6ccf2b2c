import Glibc

/// Whole files: read at once, and written so that a reader sees the old content or the new one and nothing between.
public enum AtomicFile {
  /// The content of a file.
  ///
  /// - Throws: ``FilesError/unreadable(file:reason:)``, also for folders and for files larger than `limit` bytes.
  public static func read(_ path: String, limit: Int = 1 << 32) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FilesError.unreadable(file: path, reason: FilesError.systemReason) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FilesError.unreadable(file: path, reason: FilesError.systemReason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FilesError.unreadable(file: path, reason: "it is not a regular file")
    }
    guard status.st_size <= limit else {
      throw FilesError.unreadable(file: path, reason: "it has \(status.st_size) bytes, more than the limit of \(limit)")
    }
    let size = Int(status.st_size)
    var failure: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = FilesError.systemReason }
        if got <= 0 { break }
        count += got
      }
    }
    if let failure { throw FilesError.unreadable(file: path, reason: failure) }
    return bytes
  }

  /// Makes a folder with everything above it, unless it is there.
  ///
  /// - Throws: ``FilesError/unwritable(file:reason:)``.
  public static func makeFolder(_ path: String) throws {
    if isFolder(path) { return }
    let parent = folder(of: path)
    if parent != path, !exists(parent) { try makeFolder(parent) }
    // Somebody else may have made it meanwhile.
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw FilesError.unwritable(file: path, reason: FilesError.systemReason)
    }
    if !isFolder(path) { throw FilesError.unwritable(file: path, reason: String(cString: strerror(ENOTDIR))) }
  }

  /// Refuses, before the work that it takes, a result that could not be written.
  ///
  /// - Throws: ``FilesError/unwritable(file:reason:)`` when the file is a folder or its folder is not there for writing.
  public static func requireWritable(file path: String) throws {
    if isFolder(path) { throw FilesError.unwritable(file: path, reason: String(cString: strerror(EISDIR))) }
    try requireWritable(folder(of: path), for: path)
  }

  /// The same for a folder that ``makeFolder(_:)`` shall make.
  public static func requireWritable(folder path: String) throws {
    var nearest = path
    while !exists(nearest), folder(of: nearest) != nearest { nearest = folder(of: nearest) }
    try requireWritable(nearest, for: path)
  }

  private static func requireWritable(_ folder: String, for path: String) throws {
    if exists(folder), !isFolder(folder) {
      throw FilesError.unwritable(file: path, reason: String(cString: strerror(ENOTDIR)))
    }
    guard access(folder, W_OK | X_OK) == 0 else {
      throw FilesError.unwritable(file: path, reason: FilesError.systemReason)
    }
  }

  /// Whether there is a folder at the path.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether there is anything at the path.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Replaces the content of a file: a temporary name in the same folder, fsync, rename, fsync of the folder.
  ///
  /// - Throws: ``FilesError/unwritable(file:reason:)``; the temporary is then gone and the previous file stays.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try write([bytes], to: path) {}
  }

  /// Writes the parts one after the other; `beforeRename` runs when the new content is safe on the disk.
  static func write(_ parts: [[UInt8]], to path: String, beforeRename: () throws -> Void) throws {
    let temporary = "\(folder(of: path))/.\(name(of: path)).\(getpid()).\(UInt32.random(in: .min ... .max)).tmp"
    do {
      try writeDurably(parts, to: temporary, target: path)
      try beforeRename()
      guard rename(temporary, path) == 0 else {
        throw FilesError.unwritable(file: path, reason: FilesError.systemReason)
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronizeFolder(of: path)
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  private static func writeDurably(_ parts: [[UInt8]], to temporary: String, target: String) throws {
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FilesError.unwritable(file: target, reason: FilesError.systemReason) }
    var failure = parts.lazy.compactMap { unwritten($0, descriptor) }.first
    if failure == nil, fsync(descriptor) != 0 { failure = FilesError.systemReason }
    if close(descriptor) != 0, failure == nil { failure = FilesError.systemReason }
    if let failure { throw FilesError.unwritable(file: target, reason: failure) }
  }

  /// Writes all bytes; the reason when that fails.
  private static func unwritten(_ bytes: [UInt8], _ descriptor: Int32) -> String? {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let put = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        if put < 0, errno == EINTR { continue }
        if put < 0 { return FilesError.systemReason }
        done += put
      }
      return nil
    }
  }

  private static func synchronizeFolder(of path: String) throws {
    let descriptor = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FilesError.unwritable(file: path, reason: FilesError.systemReason) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw FilesError.unwritable(file: path, reason: FilesError.systemReason)
    }
  }
}
