import Arrays

/// An `.npy` file of planes, read in pieces so that it never lies in memory twice.
public struct StackFile {
  private static let headBytes = 1 << 17
  private static let pieceBytes = 1 << 20

  /// `[count, height, width]`.
  public let shape: (count: Int, height: Int, width: Int)
  private let file: RegularFile
  private let type: NPYType
  /// In Fortran order, the lengths in the order of the file.
  private let columnMajor: [Int]?
  private let start: Int
  private let source: String

  /// Reads the header; `source` names the file in messages.
  ///
  /// - Throws: ``FilesError`` when it is no float32 or float64 array of rank 2 or 3, or not as long as its header says.
  public init(_ file: RegularFile, source: String) throws {
    let head = try file.bytes(min(file.size, Self.headBytes), at: 0)
    let (header, start) = try NPYHeader.parse(head, source: source)
    guard header.type == .float32 || header.type == .float64 else {
      throw FilesError.malformed(
        file: source, place: "dtype", expected: "float32 or float64, found \(header.type.rawValue)")
    }
    try NPY.requireSize(of: header, start: start, length: file.size, source: source)
    (shape, type) = (try NPYArray.stackShape(header.shape, source: source), header.type)
    columnMajor = header.isFortranOrder ? header.shape : nil
    (self.file, self.start, self.source) = (file, start, source)
  }

  /// - Throws: ``FilesError`` for NaN and infinity.
  public func stack() throws -> Stack<Float> {
    var values: [Float] = []
    values.reserveCapacity(shape.count * shape.height * shape.width)
    try read { values.append(contentsOf: $0) }
    if let columnMajor, case .float32(let ordered) = NPYElements.float32(values).rowMajor(fromFortranOrder: columnMajor)
    {
      values = ordered
    }
    return Stack(count: shape.count, height: shape.height, width: shape.width, values: values)
  }

  /// Reads everything and keeps nothing.
  ///
  /// - Throws: ``FilesError`` for NaN and infinity.
  public func check() throws { try read { _ in } }

  private func read(_ use: ([Float]) -> Void) throws {
    var place = start
    while place < file.size {
      let bytes = try file.bytes(min(Self.pieceBytes, file.size - place), at: place)
      guard !bytes.isEmpty, bytes.count.isMultiple(of: type.size) else {
        throw FilesError.unreadable(file: source, reason: "it changed while it was read")
      }
      let values = try floats(bytes, first: (place - start) / type.size)
      use(values)
      place += bytes.count
    }
  }

  private func floats(_ bytes: [UInt8], first: Int) throws -> [Float] {
    let values: [Float]
    switch type.elements(bytes[...]) {
    case .float64(let stored): values = stored.map { Float($0) }
    case .float32(let stored): values = stored
    default: values = []
    }
    guard let index = values.firstIndex(where: { !$0.isFinite }) else { return values }
    throw FilesError.malformed(
      file: source, place: "element \(indices(of: first + index))", expected: "a finite number, found \(values[index])")
  }

  private func indices(of flat: Int) -> [Int] {
    let plane = shape.height * shape.width
    guard columnMajor != nil else { return [flat / plane, flat % plane / shape.width, flat % shape.width] }
    return [flat % shape.count, flat / shape.count % shape.height, flat / (shape.count * shape.height)]
  }
}
