import Arrays
import Files

/// The IDX files of MNIST and its relatives, raw or compressed with gzip.
public enum IDX {
  /// Bytes of the largest file that is read, unpacked.
  static let byteLimit = 768 << 20

  /// 8-bit images as they are in a file.
  public struct Images: Sendable, Equatable {
    public let count: Int
    public let height: Int
    public let width: Int
    /// `[count, height, width]`.
    public let pixels: [UInt8]

    /// - Throws: `FilesError` when no pixel is brighter than 1 of 255: they are ones and zeros, and would all be black.
    func requireContrast(source: String) throws {
      guard let brightest = pixels.max(), brightest == 1 else { return }
      throw FilesError.malformed(
        file: source, place: "images",
        expected: "bytes from 0, black, to 255, white, found none above 1; multiply ones and zeros by 255")
    }

    /// The images with the given numbers with values in 0…1.
    public func stack(of indices: [Int]) -> Stack<Float> {
      let size = height * width
      var values: [Float] = []
      values.reserveCapacity(indices.count * size)
      for index in indices {
        values.append(contentsOf: pixels[index * size..<(index + 1) * size].lazy.map { Float($0) / 255 })
      }
      return Stack(count: indices.count, height: height, width: width, values: values)
    }
  }

  /// - Throws: `FilesError` that names the file, the byte and what is expected there.
  public static func readImages(_ path: String) throws -> Images {
    let (sizes, content) = try read(unpacked(path), path, dimensions: 3)
    guard sizes.allSatisfy({ $0 > 0 }) else {
      throw FilesError.malformed(file: path, place: "byte 4", expected: "counts above zero, found \(sizes)")
    }
    let images = Images(count: sizes[0], height: sizes[1], width: sizes[2], pixels: content)
    try images.requireContrast(source: path)
    return images
  }

  /// - Throws: `FilesError` that names the file, the byte and what is expected there.
  public static func readLabels(_ path: String) throws -> [UInt8] {
    let bytes = try unpacked(path)
    return bytes.starts(with: wideLabels) ? try classes(bytes, path) : try read(bytes, path, dimensions: 1).content
  }

  /// Labels as QMNIST has them, rows of 32-bit numbers of which the first is the class.
  private static let wideLabels: [UInt8] = [0, 0, 0x0C, 2]

  private static func classes(_ bytes: [UInt8], _ path: String) throws -> [UInt8] {
    let (sizes, start) = try header(bytes, path, dimensions: 2, bytesPerElement: 4)
    guard sizes[1] > 0 else {
      throw FilesError.malformed(file: path, place: "byte 8", expected: "a column of classes, found none")
    }
    return try (0..<sizes[0]).map { row in
      let place = start + 4 * sizes[1] * row
      guard bytes[place..<place + 3].allSatisfy({ $0 == 0 }) else {
        throw FilesError.malformed(file: path, place: "byte \(place)", expected: "a class from 0 to 255")
      }
      return bytes[place + 3]
    }
  }

  /// A file of images and its file of labels.
  ///
  /// - Throws: `FilesError` also when the two do not hold equally many.
  public static func read(images path: String, labels labelsPath: String) throws -> (images: Images, labels: [UInt8]) {
    let images = try readImages(path)
    let labels = try readLabels(labelsPath)
    guard labels.count == images.count else {
      throw FilesError.malformed(
        file: labelsPath, place: "byte 4",
        expected: "\(images.count) labels as there are images in \(path), found \(labels.count)")
    }
    return (images, labels)
  }

  private static func unpacked(_ path: String) throws -> [UInt8] {
    let stored = try AtomicFile.read(path, limit: IDX.byteLimit)
    return Gzip.isGzip(stored) ? try Gzip.inflate(stored, source: path, limit: IDX.byteLimit) : stored
  }

  private static func read(
    _ bytes: [UInt8], _ path: String, dimensions: Int
  ) throws -> (sizes: [Int], content: [UInt8]) {
    let (sizes, start) = try header(bytes, path, dimensions: dimensions, bytesPerElement: 1)
    return (sizes, Array(bytes[start...]))
  }

  /// The counts of a file whose data they fit, and where the data begin.
  private static func header(
    _ bytes: [UInt8], _ path: String, dimensions: Int, bytesPerElement: Int
  ) throws -> (sizes: [Int], start: Int) {
    let start = 4 + 4 * dimensions
    guard bytes.count >= start else {
      throw FilesError.malformed(
        file: path, place: "byte \(bytes.count)", expected: "a header of \(start) bytes, found the end")
    }
    let type: UInt8 = bytesPerElement == 1 ? 8 : 0x0C
    guard Array(bytes[..<4]) == [0, 0, type, UInt8(dimensions)] else {
      // Whoever asks a daemon may not be allowed to see what is in other files.
      let found = bytes.starts(with: [0, 0]) ? "0 0 \(bytes[2]) \(bytes[3])" : "something else"
      throw FilesError.malformed(
        file: path, place: "byte 0",
        expected: "magic number 0 0 8 \(dimensions) of \(dimensions == 1 ? "labels" : "images"), found \(found)"
          + (ForeignFormat(name: path).map { "; by its name it is \($0.remedy)" } ?? ""))
    }
    let sizes = (0..<dimensions).map { index in
      bytes[4 + 4 * index..<8 + 4 * index].reduce(0) { $0 << 8 | Int($1) }
    }
    var size = bytesPerElement
    for length in sizes {
      let (product, overflow) = size.multipliedReportingOverflow(by: length)
      size = overflow ? .max : product
    }
    guard bytes.count - start == size else {
      throw FilesError.malformed(
        file: path, place: "byte \(min(bytes.count, start &+ min(size, .max - start)))",
        expected: "\(size) bytes after the header for the counts \(sizes), found \(bytes.count - start)")
    }
    return (sizes, start)
  }
}
