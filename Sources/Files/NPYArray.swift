/// The elements of a NumPy array. Complex values are interleaved: real, imaginary, real, …
public enum NPYElements: Sendable, Equatable {
  case float32([Float])
  case float64([Double])
  case complex64([Float])
  case complex128([Double])
  case uint8([UInt8])
  case uint16([UInt16])
  case int32([Int32])
  case int64([Int64])

  /// NumPy's name of the element type.
  public var typeName: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .complex64: "complex64"
    case .complex128: "complex128"
    case .uint8: "uint8"
    case .uint16: "uint16"
    case .int32: "int32"
    case .int64: "int64"
    }
  }
}

/// An array as NumPy knows it: a shape and row-major elements.
public struct NPYArray: Sendable, Equatable {
  public let shape: [Int]
  public let elements: NPYElements
  /// Where the array came from, for messages.
  public let source: String

  /// An array of the given shape; the number of elements must be the product of `shape`.
  public init(shape: [Int], elements: NPYElements, source: String = "array") {
    precondition(
      shape.reduce(1, *) * elements.numbersPerElement == elements.numbers,
      "an array needs as many elements as its shape")
    self.shape = shape
    self.elements = elements
    self.source = source
  }

  /// The place and value of the first number that is NaN or infinite, if any.
  public var firstNonFinite: (index: [Int], value: Double)? {
    let found: (Int, Double)?
    switch elements {
    case .float32(let values), .complex64(let values):
      found = values.firstIndex { !$0.isFinite }.map { ($0, Double(values[$0])) }
    case .float64(let values), .complex128(let values):
      found = values.firstIndex { !$0.isFinite }.map { ($0, values[$0]) }
    default: found = nil
    }
    guard let (flat, value) = found else { return nil }
    var rest = flat / elements.numbersPerElement
    var index: [Int] = []
    for length in shape.reversed() {
      index.insert(rest % length, at: 0)
      rest /= length
    }
    return (index, value)
  }

  /// - Throws: ``FilesError/malformed(file:place:expected:)`` that names the first NaN or infinity.
  public func requireFinite() throws {
    guard let (index, value) = firstNonFinite else { return }
    throw FilesError.malformed(file: source, place: "element \(index)", expected: "a finite number, found \(value)")
  }
}

extension NPYElements {
  var numbersPerElement: Int {
    switch self {
    case .complex64, .complex128: 2
    default: 1
    }
  }

  /// How many numbers are stored; a complex element has two.
  var numbers: Int {
    switch self {
    case .float32(let values), .complex64(let values): values.count
    case .float64(let values), .complex128(let values): values.count
    case .uint8(let values): values.count
    case .uint16(let values): values.count
    case .int32(let values): values.count
    case .int64(let values): values.count
    }
  }
}
