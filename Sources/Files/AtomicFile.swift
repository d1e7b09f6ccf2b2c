import Glibc

/// Whole files: read at once, and written so that a reader sees the old content or the new one and nothing between.
public enum AtomicFile {
  /// The content of a file.
  ///
  /// - Throws: ``FilesError/unreadable(file:reason:)``, for what is no regular file, too
  ///   (``RegularFile``), and for files larger than `limit` bytes.
  public static func read(_ path: String, limit: Int = 1 << 32) throws -> [UInt8] {
    let file = try RegularFile(path, limit: limit)
    return try file.bytes(file.size, at: 0)
  }

  /// Makes a folder with everything above it, unless it is there.
  ///
  /// - Throws: ``FilesError/unwritable(file:reason:)``, ``FilesError/full(file:reason:)``.
  public static func makeFolder(_ path: String) throws {
    if isFolder(path) { return }
    let parent = folder(of: path)
    if parent != path, !exists(parent) { try makeFolder(parent) }
    if mkdir(path, 0o777) == 0 {
      try synchronizeFolder(of: path)
    } else if errno != EEXIST {
      // Another process may have made it meanwhile.
      throw FilesError.failedWrite(path, errno)
    }
    if !isFolder(path) { throw FilesError.failedWrite(path, ENOTDIR) }
  }

  /// Refuses, before the work that it takes, a result that could not be written.
  ///
  /// - Throws: ``FilesError`` when nothing can be written there or its folder is not there for writing.
  public static func requireWritable(file path: String) throws {
    switch try FileTarget(path) {
    case .file(let target, let present):
      try requireWritable(folder(of: target), for: path)
      try requireReplaceable(present, in: folder(of: target), path)
    case .stream(let path):
      guard access(path, W_OK) == 0 else { throw FilesError.failedWrite(path, errno) }
    case .descriptor(let descriptor):
      let flags = fcntl(descriptor, F_GETFL)
      // A standard stream that is closed is open for reading here.
      guard flags >= 0, flags & O_ACCMODE != O_RDONLY else { throw FilesError.failedWrite(path, EBADF) }
    }
  }

  /// The same for a folder that ``makeFolder(_:)`` shall make.
  public static func requireWritable(folder path: String) throws {
    guard !path.isEmpty else { throw FilesError.unwritable(file: path, reason: "the name is empty") }
    var nearest = path
    while !exists(nearest), folder(of: nearest) != nearest {
      let reason = errno
      var status = stat()
      // A link that leads nowhere is in the way of a folder.
      guard lstat(nearest, &status) != 0 else { throw FilesError.failedWrite(path, reason) }
      nearest = folder(of: nearest)
    }
    try requireWritable(nearest, for: path)
  }

  private static func requireWritable(_ folder: String, for path: String) throws {
    if exists(folder), !isFolder(folder) { throw FilesError.failedWrite(path, ENOTDIR) }
    guard access(folder, W_OK | X_OK) == 0 else {
      let reason = FilesError.systemReason
      throw FilesError.unwritable(file: path, reason: "\(reason) (a file is replaced by a new one in \(folder))")
    }
  }

  /// Whether what is written to a path goes to this process's standard output.
  public static func isStandardOutput(_ path: String) -> Bool {
    switch try? FileTarget(path) {
    case .descriptor(let descriptor): return descriptor == STDOUT_FILENO
    case .stream(let path):
      var (named, standard) = (stat(), stat())
      return stat(path, &named) == 0 && fstat(STDOUT_FILENO, &standard) == 0 && named.st_dev == standard.st_dev
        && named.st_ino == standard.st_ino && named.st_rdev == standard.st_rdev && standard.st_mode & S_IFMT != S_IFCHR
    default: return false
    }
  }

  /// In a folder such as `/tmp` only the owner of a file may replace it.
  private static func requireReplaceable(_ present: stat?, in folder: String, _ path: String) throws {
    var status = stat()
    guard let present, stat(folder, &status) == 0, status.st_mode & S_ISVTX != 0, geteuid() != 0 else { return }
    guard [present.st_uid, status.st_uid].contains(geteuid()) else {
      throw FilesError.unwritable(
        file: path, reason: "it belongs to another user, in a folder where only owners may replace files")
    }
  }

  /// Whether there is a folder at the path.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether there is anything at the path.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Writes a whole file, and reads a link as the file that it leads to.
  ///
  /// A regular file is replaced, with its mode and owner: a temporary name in the same folder, fsync, rename, fsync of the
  /// folder. Other names of the same file, hard links, keep the old content. Pipes and character devices are written into.
  ///
  /// - Throws: ``FilesError``. When a file could not be replaced, the temporary is gone and the previous one stays.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try write([bytes], to: path) { _ in }
  }

  /// Writes the parts one after the other; `beforeRename` runs when the new content is safe on the disk, and gets the path
  /// of the file that is about to be replaced.
  static func write(_ parts: [[UInt8]], to path: String, beforeRename: (_ target: String) throws -> Void) throws {
    switch try FileTarget(path) {
    case .file(let target, let present):
      try replace(target, by: parts, present: present, named: path) { try beforeRename(target) }
    case .stream(let path): try FileStream(path: path).write(parts)
    case .descriptor(let descriptor): try FileStream(duplicating: descriptor, named: path).write(parts)
    }
  }

  private static func replace(
    _ target: String, by parts: [[UInt8]], present: stat?, named path: String, beforeRename: () throws -> Void
  ) throws {
    let temporary = temporaryName(for: target)
    do {
      try writeDurably(parts, to: temporary, like: present, named: path)
      try beforeRename()
      guard rename(temporary, target) == 0 else { throw FilesError.failedWrite(path, errno) }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronizeFolder(of: target)
  }

  /// A path in the folder of `path` for what will take its place.
  static func temporaryName(for path: String) -> String {
    // With the rest of the name it may be longer than file systems allow.
    let name = String(decoding: name(of: path).utf8.prefix(100), as: UTF8.self)
    return "\(folder(of: path))/.\(name).\(getpid()).\(UInt32.random(in: .min ... .max))\(unfinishedSuffix)"
  }

  /// Removes a regular file, if it is there; a link to it stays, and leads nowhere.
  ///
  /// - Throws: ``FilesError``, also for what is no regular file.
  public static func remove(_ path: String) throws {
    guard case .file(let target, _) = try FileTarget(path) else {
      throw FilesError.irregular(file: path, kind: "a pipe or a device")
    }
    guard unlink(target) == 0 || errno == ENOENT else { throw FilesError.failedWrite(path, errno) }
  }

  /// Gives a file another name in its folder, durably, in place of what may be there.
  public static func move(_ path: String, to target: String) throws {
    guard rename(path, target) == 0 else { throw FilesError.failedWrite(target, errno) }
    try synchronizeFolder(of: target)
  }

  /// A free path for a file of which `path` shall get the bytes: beside it, or in the folder for temporary files when it is
  /// no regular file.
  public static func scratchPath(for path: String) throws -> String {
    if case .file(let target, _) = try FileTarget(path) { return temporaryName(for: target) }
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    return temporaryName(for: "\(folder)/\(name(of: path))")
  }

  private static let unfinishedSuffix = ".tmp"

  /// Removes the files in a folder that a program was writing here when it was killed: those with the names that
  /// ``write(_:to:)`` gives, and no others. Nobody else may be writing into the folder.
  public static func removeUnfinished(in folder: String) {
    for name in names(in: folder) where isUnfinished(name) {
      var status = stat()
      let path = folder + "/" + name
      if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { unlink(path) }
    }
  }

  /// Whether a file of this name was not written to its end: `.NAME.PROCESS.NUMBER.tmp`.
  public static func isUnfinished(_ name: String) -> Bool {
    guard name.hasPrefix("."), name.hasSuffix(unfinishedSuffix) else { return false }
    let parts = name.dropFirst().dropLast(unfinishedSuffix.count).split(
      separator: ".", omittingEmptySubsequences: false)
    return parts.count >= 3
      && parts.suffix(2).allSatisfy { part in
        (1...10).contains(part.utf8.count) && part.utf8.allSatisfy { (48...57).contains($0) }
      }
  }

  /// The names in a folder but `.` and `..`; none when it cannot be read.
  public static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  private static func writeDurably(
    _ parts: [[UInt8]], to temporary: String, like present: stat?, named path: String
  ) throws {
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FilesError.failedWrite(path, errno) }
    var failure: Int32?
    if let present { resemble(present, descriptor) }
    for part in parts where failure == nil { failure = FileStream.failure(writing: part, to: descriptor) }
    if failure == nil, fsync(descriptor) != 0 { failure = errno }
    if close(descriptor) != 0, failure == nil { failure = errno }
    if let failure { throw FilesError.failedWrite(path, failure) }
  }

  /// Gives a new file the owner, as far as this process may, and the mode of the one whose place it takes.
  private static func resemble(_ present: stat, _ descriptor: Int32) {
    if fchown(descriptor, present.st_uid, present.st_gid) != 0 { _ = fchown(descriptor, .max, present.st_gid) }
    fchmod(descriptor, present.st_mode & 0o777)
  }

  /// Brings the names in a file's folder to the disk.
  public static func synchronizeFolder(of path: String) throws {
    let descriptor = open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // A folder that may be written and not read cannot be synced.
    guard descriptor >= 0 || errno == EACCES else { throw FilesError.failedWrite(path, errno) }
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else { throw FilesError.failedWrite(path, errno) }
  }
}
