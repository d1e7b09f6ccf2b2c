import Arrays
import Files

/// Where images come from, as written on a command line: `glyphs`, `mnist:FOLDER`, `idx:FILE` or `npy:FILE`.
public enum DatasetSource: Sendable, Equatable, CustomStringConvertible {
  /// The stroke figures made in code (``Glyph``).
  case glyphs
  /// A folder with the four files of MNIST or of a dataset in its form.
  case mnist(folder: String)
  /// One IDX file of images; the labels stand beside it where the canonical name says.
  case idx(file: String)
  /// A NumPy array `[count, size, size]` of float32 or float64 in 0…1, or of uint8.
  case npy(file: String)

  /// Bytes of the largest file that is read, unpacked.
  public static let byteLimit = 768 << 20

  public init(parsing text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count > 1 ? parts[1] : nil) {
    case ("glyphs", nil): self = .glyphs
    case ("mnist", let folder?) where !folder.isEmpty: self = .mnist(folder: folder)
    case ("idx", let file?) where !file.isEmpty: self = .idx(file: file)
    case ("npy", let file?) where !file.isEmpty: self = .npy(file: file)
    default:
      throw DiffusionError.argument(
        name: "dataset", found: "\"\(Excerpt.of(text))\"", expected: "glyphs, mnist:FOLDER, idx:FILE or npy:FILE")
    }
  }

  public var description: String {
    switch self {
    case .glyphs: "glyphs"
    case .mnist(let folder): "mnist:\(folder)"
    case .idx(let file): "idx:\(file)"
    case .npy(let file): "npy:\(file)"
    }
  }

  /// The images of the given classes in an order that depends on the seed, `size`×`size` pixels each.
  ///
  /// - Parameters:
  ///   - classes: all when nil.
  ///   - split: of one IDX or NumPy file, the first nine tenths are for training and the rest, two at least, for
  ///     tests.
  ///   - count: how many images; all when nil. `glyphs` makes 12,000 for training and 2,000 for tests when nil.
  /// - Throws: `FilesError` and ``DiffusionError``.
  public func load(
    classes: [Int]? = nil, size: Int = 20, split: DatasetSplit = .train, count: Int? = nil, seed: UInt64
  ) throws -> ImageDataset {
    if let count, count < 1 {
      throw DiffusionError.argument(name: "image count", found: "\(count)", expected: "a number from 1 on")
    }
    let random = CounterRandom(seed: seed).stream(named: "dataset \(split.rawValue)")
    switch self {
    case .glyphs: return try Glyph.dataset(classes: classes, size: size, split: split, count: count, random: random)
    case .mnist(let folder):
      let names = split == .all ? ["train", "t10k"] : [split == .train ? "train" : "t10k"]
      let parts = try names.map { name in
        try labelled(
          images: Self.existing("\(folder)/\(name)-images-idx3-ubyte"),
          labels: Self.existing("\(folder)/\(name)-labels-idx1-ubyte"))
      }
      return try Selection(description, classes, count, random).dataset(of: parts, size: size)
    case .idx(let file):
      var part = try Self.idx(file)
      part.range = try Self.range(of: split, count: part.count, file: file)
      return try Selection(description, classes, count, random).dataset(of: [part], size: size)
    case .npy(let file):
      var part = try Self.npy(file)
      part.range = try Self.range(of: split, count: part.count, file: file)
      return try Selection(description, classes, count, random).dataset(of: [part], size: size)
    }
  }

  private func labelled(images: String, labels: String) throws -> DatasetPart {
    let (images, labels) = try IDX.read(images: images, labels: labels)
    return DatasetPart(labels: labels, range: 0..<images.count, images: images.stack(of:))
  }

  private static func idx(_ file: String) throws -> DatasetPart {
    let images = try IDX.readImages(file)
    let name = file.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? file
    let folder = file.dropLast(name.count)
    let labelsName = name.replacing("images", with: "labels").replacing("idx3", with: "idx1")
    let candidates = [
      labelsName, labelsName + ".gz", labelsName.hasSuffix(".gz") ? String(labelsName.dropLast(3)) : labelsName,
    ]
    let labels = candidates.filter { $0 != name }.map { folder + $0 }.first(where: AtomicFile.exists)
    if let labels {
      let (images, labels) = try IDX.read(images: file, labels: labels)
      return DatasetPart(labels: labels, range: 0..<images.count, images: images.stack(of:))
    }
    return DatasetPart(labels: [], range: 0..<images.count, images: images.stack(of:))
  }

  private static func npy(_ file: String) throws -> DatasetPart {
    let array = try NPY.decode(AtomicFile.read(file, limit: byteLimit), source: file)
    let shape = try array.stackShape()
    let stack: Stack<Float>
    if case .uint8(let values) = array.elements {
      stack = Stack(
        count: shape.count, height: shape.height, width: shape.width, values: values.map { Float($0) / 255 })
    } else {
      stack = try Stack<Float>(npy: array)
    }
    if let index = stack.values.firstIndex(where: { !(0...1).contains($0) }) {
      throw FilesError.malformed(
        file: file, place: "image \(index / stack.planeSize)", expected: "values in 0…1, found \(stack.values[index])")
    }
    return DatasetPart(labels: [], range: 0..<stack.count, images: stack.planes(at:))
  }

  private static func range(of split: DatasetSplit, count: Int, file: String) throws -> Range<Int> {
    // Errors are judged against the spread of the images, for which it takes two.
    let edge = count < 10 ? count : count - max(2, count / 10)
    if split == .test, edge == count {
      throw FilesError.malformed(
        file: file, place: "images",
        expected: "at least 10, of which the last tenth, two at least, is for tests, found \(count)")
    }
    switch split {
    case .train: return 0..<edge
    case .test: return edge..<count
    case .all: return 0..<count
    }
  }

  /// The file with or without `.gz`, the first that exists.
  private static func existing(_ path: String) throws -> String {
    guard let found = [path, path + ".gz"].first(where: AtomicFile.exists) else {
      throw FilesError.unreadable(file: path, reason: "there is no such file, with or without .gz")
    }
    return found
  }
}
