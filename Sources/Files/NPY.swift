/// NumPy's `.npy` format, versions 1.0 to 3.0, little-endian. Arrays in Fortran order, as MATLAB and Julia write them, are
/// brought into C order; everything else is refused with a message.
public enum NPY {
  /// - Throws: ``FilesError`` when the file cannot be read or is not such an array.
  public static func read(_ path: String) throws -> NPYArray {
    try decode(AtomicFile.read(path), source: path)
  }

  /// Replaces the file at once (``AtomicFile``).
  public static func write(_ array: NPYArray, to path: String) throws {
    try AtomicFile.write(encode(array), to: path)
  }

  /// The array in the bytes of a file; `source` names them in messages.
  public static func decode(_ bytes: [UInt8], source: String) throws -> NPYArray {
    let (header, start) = try NPYHeader.parse(bytes, source: source)
    try requireSize(of: header, start: start, length: bytes.count, source: source)
    let stored = header.type.elements(bytes[start...])
    let elements = header.isFortranOrder ? stored.rowMajor(fromFortranOrder: header.shape) : stored
    return NPYArray(shape: header.shape, elements: elements, source: source)
  }

  /// The bytes of a version 1.0 file.
  public static func encode(_ array: NPYArray) -> [UInt8] {
    let type = NPYType(array.elements)
    let shape = array.shape.map(String.init).joined(separator: ", ") + (array.shape.count == 1 ? "," : "")
    var text = "{'descr': '\(type.rawValue)', 'fortran_order': False, 'shape': (\(shape)), }"
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    let length = text.utf8.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(10 + length + array.elements.numbers * type.size)
    bytes += NPYHeader.magic + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + Array(text.utf8)
    array.elements.append(to: &bytes)
    return bytes
  }

  /// - Throws: ``FilesError`` unless the data of a file fill what the header says.
  static func requireSize(of header: NPYHeader, start: Int, length: Int, source: String) throws {
    let count = try elementCount(header, source: source)
    let available = length - start
    let (size, overflow) = count.multipliedReportingOverflow(by: header.type.size)
    guard !overflow, size == available else {
      throw FilesError.malformed(
        file: source, place: "data after byte \(start)",
        expected: "\(overflow ? "fewer than 2^63" : "\(size)") bytes for shape \(header.shape), found \(available)")
    }
  }

  private static func elementCount(_ header: NPYHeader, source: String) throws -> Int {
    var count = 1
    for length in header.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow else {
        throw FilesError.malformed(
          file: source, place: "header: shape", expected: "fewer than 2^63 elements, found \(header.shape)")
      }
      count = product
    }
    return count
  }
}

/// The element types that are read and written, by their `descr`.
enum NPYType: String, CaseIterable {
  case float32 = "<f4"
  case float64 = "<f8"
  case complex64 = "<c8"
  case complex128 = "<c16"
  case uint8 = "|u1"
  case uint16 = "<u2"
  case int32 = "<i4"
  case int64 = "<i8"

  init(_ elements: NPYElements) {
    switch elements {
    case .float32: self = .float32
    case .float64: self = .float64
    case .complex64: self = .complex64
    case .complex128: self = .complex128
    case .uint8: self = .uint8
    case .uint16: self = .uint16
    case .int32: self = .int32
    case .int64: self = .int64
    }
  }

  /// Bytes per element.
  var size: Int {
    switch self {
    case .uint8: 1
    case .uint16: 2
    case .float32, .int32: 4
    case .float64, .complex64, .int64: 8
    case .complex128: 16
    }
  }

  func elements(_ bytes: ArraySlice<UInt8>) -> NPYElements {
    switch self {
    case .float32: .float32(load(bytes))
    case .float64: .float64(load(bytes))
    case .complex64: .complex64(load(bytes))
    case .complex128: .complex128(load(bytes))
    case .uint8: .uint8(Array(bytes))
    case .uint16: .uint16(load(bytes))
    case .int32: .int32(load(bytes))
    case .int64: .int64(load(bytes))
    }
  }

  private func load<Number: BitwiseCopyable>(_ bytes: ArraySlice<UInt8>) -> [Number] {
    let count = bytes.count / MemoryLayout<Number>.stride
    return [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
      UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
      initialized = count
    }
  }
}

extension NPYElements {
  /// Adds the elements as little-endian bytes.
  func append(to bytes: inout [UInt8]) {
    switch self {
    case .float32(let values), .complex64(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    case .float64(let values), .complex128(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    case .uint8(let values): bytes += values
    case .uint16(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    case .int32(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    case .int64(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
  }
}
