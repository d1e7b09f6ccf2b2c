import Files
import Glibc

/// The files of MNIST and its relatives in a folder, under the names by which they are found: as they are distributed,
/// unpacked by other programs (`train-images.idx3-ubyte`), each in a folder of its own name, or with the name of the data
/// set before (`emnist-letters-train-images-idx3-ubyte`).
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
    if AtomicFile.isFolder(path) || AtomicFile.exists(path) || !AtomicFile.isFolder(parent) {
      (folder, dataset) = (path, nil)
    } else {
      (folder, dataset) = (parent, slash.map { String(path[path.index(after: $0)...]) } ?? path)
    }
    names = try Self.names(in: folder)
    candidates = names.compactMap { [folder] in Self.candidate($0, in: folder) }
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
        expected: "one data set, found \(found.joined(separator: ", ")); name one, as in mnist:\(folder)/\(found[0])")
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
    return FilesError.unreadable(
      file: "\(folder)/\(name)",
      reason: "there is no such file, with or without .gz, "
        + (there.isEmpty
          ? "and none of a similar name" : "and there is \(there): one of them may be it and should be called so"))
  }

  // MARK: Names

  private static func canonical(_ dataset: String, _ part: Part, _ content: Content) -> String {
    let prefix = dataset.isEmpty ? "" : dataset + "-"
    let name = dataset.isEmpty || part == .train ? part.rawValue : "test"
    return "\(prefix)\(name)-\(content.rawValue)-\(content == .images ? "idx3" : "idx1")-ubyte"
  }

  /// What a name says, when it is one of those that are in use.
  private static func candidate(_ name: String, in folder: String) -> Candidate? {
    let isCompressed = name.lowercased().hasSuffix(".gz")
    let plain = isCompressed ? String(name.dropLast(3)) : name
    var words = plain.split { "-._ ".contains($0) }.map(String.init)
    // train-images-idx3-ubyte, train-images.idx3-ubyte.idx, train-images.idx
    while let last = words.last?.lowercased(), ["idx", "idx1", "idx3", "ubyte"].contains(last) { words.removeLast() }
    guard words.count >= 2, let content = Content(rawValue: words[words.count - 1].lowercased()) else { return nil }
    let part: Part
    switch words[words.count - 2].lowercased() {
    case "train", "training": part = .train
    case "t10k", "test": part = .test
    default: return nil
    }
    let dataset = words.dropLast(2).joined(separator: "-")
    guard let path = file(name, in: folder) else { return nil }
    let isCanonical = plain == canonical(dataset, part, content)
    return Candidate(
      path: path, dataset: dataset, part: part, content: content,
      rank: (isCanonical ? 0 : 2) + (isCompressed ? 1 : 0))
  }

  /// The file of a name, or the one of the same name in a folder of that name.
  private static func file(_ name: String, in folder: String) -> String? {
    let path = "\(folder)/\(name)"
    guard AtomicFile.isFolder(path) else { return path }
    let inner = "\(path)/\(name)"
    return AtomicFile.exists(inner) && !AtomicFile.isFolder(inner) ? inner : nil
  }

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
