import Arrays
import Files

/// Where images come from, as written on a command line: `glyphs`, `mnist:FOLDER`, `idx:FILE` or `npy:FILE`, each with
/// `,transpose` behind it when the images are stored by columns.
public indirect enum DatasetSource: Sendable, Equatable, CustomStringConvertible {
  /// The stroke figures made in code (``Glyph``).
  case glyphs
  /// A folder with the four files of MNIST or of a dataset in its form; with the dataset's name behind it when there are
  /// several in the folder.
  case mnist(folder: String)
  /// One IDX file of images; the labels stand beside it where the canonical name says.
  case idx(file: String)
  /// A NumPy array `[count, size, size]` or `[count, size·size]` of float32 or float64 in 0…1, or of uint8.
  case npy(file: String)
  /// The images of another source with rows and columns exchanged: EMNIST stores them by columns.
  case transposed(DatasetSource)

  private static let transpose = ",transpose"

  /// Bytes of the largest file that is read, unpacked.
  public static let byteLimit = 768 << 20

  public init(parsing text: String) throws {
    if text.hasSuffix(Self.transpose) {
      self = .transposed(try DatasetSource(parsing: String(text.dropLast(Self.transpose.count))))
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count > 1 ? parts[1] : nil) {
    case ("glyphs", nil): self = .glyphs
    case ("mnist", let folder?) where !folder.isEmpty: self = .mnist(folder: folder)
    case ("idx", let file?) where !file.isEmpty: self = .idx(file: file)
    case ("npy", let file?) where !file.isEmpty: self = .npy(file: file)
    default:
      throw DiffusionError.argument(
        name: "dataset", found: "\"\(Excerpt.of(text))\"",
        expected:
          "glyphs, mnist:FOLDER, idx:FILE or npy:FILE, with \(Self.transpose) appended for images stored by columns")
    }
  }

  public var description: String {
    switch self {
    case .glyphs: "glyphs"
    case .mnist(let folder): "mnist:\(folder)"
    case .idx(let file): "idx:\(file)"
    case .npy(let file): "npy:\(file)"
    case .transposed(let source): source.description + Self.transpose
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
    case .mnist(let path):
      let folder = try IDXFolder(path)
      let wanted: [IDXFolder.Part] = split == .all ? [.train, .test] : [split == .train ? .train : .test]
      let parts = try wanted.map { part in
        let (images, labels) = try folder.files(of: part)
        return try labelled(images: images, labels: labels)
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
    case .transposed(let source):
      var dataset = try source.load(classes: classes, size: size, split: split, count: count, seed: seed)
      dataset.name = description
      dataset.images = dataset.images.transposed
      return dataset
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
    let wide = labelsName.replacing("idx1-ubyte", with: "idx2-int")
    let candidates = [labelsName, wide].flatMap {
      [$0, $0 + ".gz", $0.hasSuffix(".gz") ? String($0.dropLast(3)) : $0]
    }
    let labels = candidates.filter { $0 != name }.map { folder + $0 }.first(where: AtomicFile.exists)
    if let labels {
      let (images, labels) = try IDX.read(images: file, labels: labels)
      return DatasetPart(labels: labels, range: 0..<images.count, images: images.stack(of:))
    }
    let names = (try? IDXFolder.names(in: folder.isEmpty ? "." : String(folder))) ?? []
    let similar = names.filter { $0.contains("labels") }
    let hint =
      "\(folder)\(labelsName)" + (similar.isEmpty ? "" : ", and there is \(similar.prefix(8).joined(separator: ", "))")
    return DatasetPart(labels: [], range: 0..<images.count, images: images.stack(of:), labelsHint: hint)
  }

  private static func npy(_ file: String) throws -> DatasetPart {
    let array = try squares(
      withoutChannels(NPY.decode(AtomicFile.read(file, limit: byteLimit), source: file)), file: file)
    let shape = try array.stackShape()
    let (labels, hint) = try NPYLabels.beside(file, count: shape.count)
    switch array.elements {
    case .uint8(let values):
      let images = IDX.Images(count: shape.count, height: shape.height, width: shape.width, pixels: values)
      try images.requireContrast(source: file)
      return DatasetPart(labels: labels, range: 0..<images.count, images: images.stack(of:), labelsHint: hint)
    case .uint16, .int32, .int64:
      throw FilesError.malformed(
        file: file, place: "dtype",
        expected: "uint8, or float32 in 0…1, found \(array.elements.typeName), whose value for white is unknown; in "
          + "Python, numpy.save('x.npy', (a / 255).astype('float32')) if it is 255")
    default: break
    }
    let stack = try Stack<Float>(npy: array)
    if let index = stack.values.firstIndex(where: { !(0...1).contains($0) }) {
      let (value, isSigned) = (stack.values[index], stack.values.allSatisfy { (-1...1).contains($0) })
      let remedy = isSigned ? "add 1 and divide by 2" : "divide them by the value of white, such as 255"
      throw FilesError.malformed(
        file: file, place: "image \(index / stack.planeSize)", expected: "values in 0…1, found \(value); \(remedy)")
    }
    return DatasetPart(labels: labels, range: 0..<stack.count, images: stack.planes(at:), labelsHint: hint)
  }

  /// An array without an axis of channels, of which nobody knows where it is when the sides are small.
  private static func withoutChannels(_ array: NPYArray) throws -> NPYArray {
    guard array.shape.count == 4 else { return array }
    let remedy =
      if array.shape[3] == 1 {
        "drop the axis of its one channel, with a[..., 0]"
      } else if array.shape[1] == 1 {
        "drop the axis of its one channel, with a[:, 0]"
      } else {
        "make grey of colours first, as with a.mean(axis=\(array.shape[1] <= 4 ? 1 : 3))"
      }
    throw FilesError.malformed(
      file: array.source, place: "shape", expected: "[count, size, size], found \(array.shape); \(remedy)")
  }

  /// The array as `[count, size, size]`: one picture in a row, as Quick, Draw! has its 28·28 pixels, becomes a square.
  private static func squares(_ array: NPYArray, file: String) throws -> NPYArray {
    guard array.shape.count == 2, let width = array.shape.last, width > 0 else { return array }
    func refusal(_ expected: String) -> FilesError {
      .malformed(file: file, place: "shape", expected: "\(expected), found \(array.shape)")
    }
    let side = Int(Double(width).squareRoot().rounded())
    guard side > 1, side * side == width else {
      throw refusal("[count, size, size], or [count, size·size] with a picture in each row")
    }
    guard array.shape[0] != width else {
      throw refusal(
        "[count, size, size]: this may be \(width) pictures of \(side) × \(side) or one of \(width) × \(width); save "
          + "it as [\(width), \(side), \(side)] or [1, \(width), \(width)]")
    }
    return NPYArray(shape: [array.shape[0], side, side], elements: array.elements, source: array.source)
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
}

extension Stack<Float> {
  /// Every plane, which must be square, with rows and columns exchanged.
  fileprivate var transposed: Stack<Float> {
    var turned = self
    for plane in 0..<count {
      for y in 0..<height {
        for x in 0..<width { turned[plane, y, x] = self[plane, x, y] }
      }
    }
    return turned
  }
}
