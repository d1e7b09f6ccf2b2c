import Files
import Glibc

/// The files of MNIST and its relatives in a folder, under the names by which they are found: as they are distributed,
/// unpacked by other programs (`train-images.idx3-ubyte`), each in a folder of its own name, with the name of the data
/// set before (`emnist-letters-train-images-idx3-ubyte`), or some folders deeper (`MNIST/raw`, `gzip`).
struct IDXFolder {
  enum Part: String {
    case train
    case test = "t10k"
  }
  private enum Content: String { case images, labels }

  /// A file whose name says what is in it.
  private struct Candidate {
    var path: String
    var dataset: String
    var part: Part
    var content: Content
    /// Canonical names before others, raw files before compressed ones.
    var rank: Int
  }

  private let folder: String
  /// What stands before `train` in the names; nil when any will do.
  private let dataset: String?
  private let names: [String]
  private let candidates: [Candidate]

  /// - Parameter path: a folder, or a folder and the name of a data set, as in `emnist/emnist-letters`.
  /// - Throws: `FilesError` when there is no such folder.
  init(_ path: String) throws {
    var path = path
    while path.hasSuffix("/"), path.count > 1 { path.removeLast() }
    let slash = path.lastIndex(of: "/")
    let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    if AtomicFile.exists(path), !AtomicFile.isFolder(path) { throw Self.isFile(path) }
    let root: String
    if AtomicFile.isFolder(path) || !AtomicFile.isFolder(parent) {
      (root, dataset) = (path, nil)
    } else {
      (root, dataset) = (parent, slash.map { String(path[path.index(after: $0)...]) } ?? path)
    }
    var found = (folder: root, names: try Self.names(in: root), candidates: Self.candidates(in: root))
    if found.candidates.isEmpty {
      let deeper = Self.deeper(root)
      guard deeper.count <= 1 else { throw Self.ambiguous(root, deeper) }
      if let inner = deeper.first { found = (inner, try Self.names(in: inner), Self.candidates(in: inner)) }
    }
    (folder, names, candidates) = found
  }

  private static func isFile(_ path: String) -> FilesError {
    let remedy = ForeignFormat(name: path).map { "; by its name this is \($0.remedy)" } ?? ""
    return .unreadable(
      file: path, reason: "it is a file, where mnist: takes the folder with the four IDX files\(remedy)")
  }

  // MARK: Folders

  private static let (depth, mostFolders) = (3, 200)

  /// The folders below one, next ones first, in which there are such files.
  private static func deeper(_ folder: String) -> [String] {
    var (found, level, seen) = ([String](), [folder], 0)
    for _ in 0..<depth where found.isEmpty {
      let next = level.flatMap { parent in
        ((try? names(in: parent)) ?? []).map { "\(parent)/\($0)" }.filter(AtomicFile.isFolder)
      }
      level = Array(next.prefix(max(0, mostFolders - seen)))
      seen += level.count
      found = level.filter { !candidates(in: $0).isEmpty }
    }
    return found
  }

  private static func ambiguous(_ folder: String, _ found: [String]) -> FilesError {
    .malformed(
      file: folder, place: "folders",
      expected: "one data set, found \(found.prefix(8).joined(separator: ", ")); name one, as in mnist:\(found[0])")
  }

  private static func candidates(in folder: String) -> [Candidate] {
    ((try? names(in: folder)) ?? []).compactMap { candidate($0, in: folder) }
      .sorted { ($0.rank, $0.path) < ($1.rank, $1.path) }
  }

  /// Images and labels of a part.
  ///
  /// - Throws: `FilesError` that names what is there and what it should be called.
  func files(of part: Part) throws -> (images: String, labels: String) {
    let fitting = candidates.filter { $0.part == part && (dataset == nil || $0.dataset == dataset) }
    let found = Set(fitting.map(\.dataset)).sorted()
    guard found.count <= 1 || found.contains("") else {
      throw FilesError.malformed(
        file: folder, place: "names",
        expected: "one data set, found \(found.joined(separator: ", ")); name one, as in "
          + "mnist:\(folder)/\(found[0])\(found[0].lowercased().hasPrefix("emnist") ? ",transpose" : "")")
    }
    let chosen = found.contains("") ? "" : found.first
    func path(_ content: Content) throws -> String {
      guard let file = fitting.first(where: { $0.content == content && $0.dataset == chosen }) else {
        throw missing(content, of: part, chosen ?? dataset ?? "")
      }
      return file.path
    }
    return (try path(.images), try path(.labels))
  }

  private func missing(_ content: Content, of part: Part, _ dataset: String) -> FilesError {
    let name = Self.canonical(dataset, part, content)
    let words = ["ubyte", "idx", content.rawValue]
    let similar = names.filter { name in words.contains { name.lowercased().contains($0) } }
    let there = similar.prefix(8).joined(separator: ", ")
    let foreign = names.lazy.compactMap { name in ForeignFormat(name: name).map { (name, $0.remedy) } }.first
    let remedy = foreign.map { "; \($0.0) is \($0.1)" } ?? ""
    return FilesError.unreadable(
      file: "\(folder)/\(name)",
      reason: "there is no such file, with or without .gz, "
        + (there.isEmpty
          ? "and none of a similar name\(remedy)"
          : "and there is \(there): one of them may be it and should be called so"))
  }

  // MARK: Names

  private static func canonical(_ dataset: String, _ part: Part, _ content: Content) -> String {
    let prefix = dataset.isEmpty ? "" : dataset + "-"
    let name = dataset.isEmpty || part == .train ? part.rawValue : "test"
    return "\(prefix)\(name)-\(content.rawValue)-\(content == .images ? "idx3" : "idx1")-ubyte"
  }

  /// What a name says, when it is one of those that are in use.
  private static func candidate(_ name: String, in folder: String) -> Candidate? {
    // Browsers number what they load again: train-images-idx3-ubyte(1).gz, train-images-idx3-ubyte.gz.1
    let first = name.replacing(#/ ?\([0-9]+\)|\.[0-9]+$/#, with: "")
    let isCompressed = first.lowercased().hasSuffix(".gz")
    let plain = isCompressed ? String(first.dropLast(3)) : first
    var words = plain.split { "-._ ".contains($0) }.map(String.init)
    // train-images-idx3-ubyte, train-images.idx3-ubyte.idx, train-images.idx, qmnist-train-labels-idx2-int
    while let last = words.last?.lowercased(), endings.contains(last) { words.removeLast() }
    guard words.count >= 2, let content = Content(rawValue: words[words.count - 1].lowercased()) else { return nil }
    let part: Part
    switch words[words.count - 2].lowercased() {
    case "train", "training": part = .train
    case "t10k", "test": part = .test
    default: return nil
    }
    let dataset = words.dropLast(2).joined(separator: "-")
    guard let path = file(name, in: folder) else { return nil }
    let isCanonical = first == name && plain == canonical(dataset, part, content)
    return Candidate(
      path: path, dataset: dataset, part: part, content: content,
      rank: (isCanonical ? 0 : 2) + (isCompressed ? 1 : 0))
  }

  private static let endings: Set = ["idx", "idx1", "idx2", "idx3", "ubyte", "int", "byte", "bin", "dat"]

  /// The file of a name, or the one of such a name in a folder of that name.
  private static func file(_ name: String, in folder: String) -> String? {
    let path = "\(folder)/\(name)"
    guard AtomicFile.isFolder(path) else { return path }
    let inner = ((try? names(in: path)) ?? []).filter { !AtomicFile.isFolder("\(path)/\($0)") }
    if inner.contains(name) { return "\(path)/\(name)" }
    guard inner.count == 1, let only = inner.first, letters(only).hasPrefix(letters(name)) else { return nil }
    return "\(path)/\(only)"
  }

  /// A name without what unpackers change: `train-images-idx3-ubyte` may hold `train-images.idx3-ubyte`.
  private static func letters(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }

  /// Names in a folder, sorted.
  static func names(in folder: String) throws -> [String] {
    guard let stream = opendir(folder) else {
      throw FilesError.unreadable(file: folder, reason: String(cString: strerror(errno)))
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
