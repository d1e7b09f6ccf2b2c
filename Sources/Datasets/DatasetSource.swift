import Arrays
import Catalogues
import Files

/// Where images come from, as written on a command line: `glyphs`, `mnist:FOLDER`, `idx:FILE` or `npy:FILE`, each with
/// `,transpose` behind it when the images are stored by columns.
public struct DatasetSource: Sendable, CustomStringConvertible {
  public let format: DatasetFormat
  /// The file or folder; empty for a format that needs none.
  public var place: String
  /// Whether rows and columns are exchanged: EMNIST stores its images by columns.
  public var isTransposed: Bool

  private static let transpose = ",transpose"

  public init(_ format: DatasetFormat, _ place: String = "", isTransposed: Bool = false) {
    (self.format, self.place, self.isTransposed) = (format, place, isTransposed)
  }

  /// - Throws: ``DatasetError`` for a text that is no source.
  public init(parsing text: String, formats: Catalogue<DatasetFormat> = DatasetFormats.standard) throws {
    let isTransposed = text.hasSuffix(Self.transpose)
    let named = isTransposed ? String(text.dropLast(Self.transpose.count)) : text
    let parts = named.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let place = parts.count > 1 ? parts[1] : nil
    let known = formats.members.first { $0.declaration.name == parts[0] }
    guard let format = known, (format.place == nil) == (place == nil), place != "" else {
      let forms = formats.members.map(\.form)
      throw DatasetError.argument(
        name: "dataset", found: "\"\(Excerpt.of(text))\"",
        expected: "\(forms.dropLast().joined(separator: ", ")) or \(forms.last ?? ""), with \(Self.transpose) appended "
          + "for images stored by columns")
    }
    self.init(format, place ?? "", isTransposed: isTransposed)
  }

  public var description: String {
    format.declaration.name + (format.place == nil ? "" : ":" + place) + (isTransposed ? Self.transpose : "")
  }

  /// The images of the given classes in an order that depends on the seed, `size`×`size` pixels each.
  ///
  /// - Parameters:
  ///   - classes: all when nil.
  ///   - split: of one IDX or NumPy file, the first nine tenths are for training and the rest, two at least, for
  ///     tests.
  ///   - count: how many images; all when nil. `glyphs` makes 12,000 for training and 2,000 for tests when nil.
  /// - Throws: `FilesError` and ``DatasetError``.
  public func load(
    classes: [Int]? = nil, size: Int = 20, split: DatasetSplit = .train, count: Int? = nil, seed: UInt64
  ) throws -> ImageDataset {
    if let count, count < 1 {
      throw DatasetError.argument(name: "image count", found: "\(count)", expected: "a number from 1 on")
    }
    let upright = DatasetSource(format, place)
    var dataset = try format.load(
      place,
      DatasetRequest(
        name: upright.description, classes: classes, size: size, split: split, count: count,
        random: CounterRandom(seed: seed).stream(named: "dataset \(split.rawValue)")))
    guard isTransposed else { return dataset }
    dataset.name = description
    dataset.images = dataset.images.transposed
    return dataset
  }
}

extension DatasetSource: Equatable {
  public static func == (one: DatasetSource, other: DatasetSource) -> Bool { one.description == other.description }
}

extension DatasetSource {
  /// The stroke figures made in code (``Glyph``).
  public static let glyphs = DatasetSource(.glyphs)

  /// A folder with the four files of MNIST or of a data set in its form.
  public static func mnist(folder: String) -> DatasetSource { DatasetSource(.mnist, folder) }

  /// One IDX file of images.
  public static func idx(file: String) -> DatasetSource { DatasetSource(.idx, file) }

  /// A NumPy array of images.
  public static func npy(file: String) -> DatasetSource { DatasetSource(.npy, file) }
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
