import Arrays

extension NPYArray {
  /// The stack as a float32 array `[count, height, width]`.
  public init(_ stack: Stack<Float>, source: String = "array") {
    self.init(shape: [stack.count, stack.height, stack.width], elements: .float32(stack.values), source: source)
  }

  /// The stack as a float64 array `[count, height, width]`.
  public init(_ stack: Stack<Double>, source: String = "array") {
    self.init(shape: [stack.count, stack.height, stack.width], elements: .float64(stack.values), source: source)
  }

  /// `[count, height, width]` of a non-empty array of rank 3, or of rank 2 with a count of one.
  public func stackShape() throws -> (count: Int, height: Int, width: Int) {
    try Self.stackShape(shape, source: source)
  }

  static func stackShape(_ shape: [Int], source: String) throws -> (count: Int, height: Int, width: Int) {
    guard shape.count == 2 || shape.count == 3, shape.allSatisfy({ $0 > 0 }) else {
      throw FilesError.malformed(
        file: source, place: "shape",
        expected: "[height, width] or [count, height, width] without zeros, found \(shape)")
    }
    return (shape.count == 3 ? shape[0] : 1, shape[shape.count - 2], shape[shape.count - 1])
  }

  fileprivate func wrongType() -> FilesError {
    .malformed(file: source, place: "dtype", expected: "float32 or float64, found \(elements.typeName)")
  }
}

extension Stack where Scalar == Float {
  /// The planes of a float32 or float64 array of rank 2 or 3.
  ///
  /// - Throws: ``FilesError/malformed(file:place:expected:)`` for another rank or type, and for NaN or infinity unless
  ///   `allowNonFinite`.
  public init(npy array: NPYArray, allowNonFinite: Bool = false) throws {
    let shape = try array.stackShape()
    let values: [Float]
    switch array.elements {
    case .float32(let stored): values = stored
    case .float64(let stored): values = stored.map { Float($0) }
    default: throw array.wrongType()
    }
    if !allowNonFinite {
      try NPYArray(shape: array.shape, elements: .float32(values), source: array.source).requireFinite()
    }
    self.init(count: shape.count, height: shape.height, width: shape.width, values: values)
  }
}

extension Stack where Scalar == Double {
  /// The planes of a float32 or float64 array of rank 2 or 3.
  ///
  /// - Throws: ``FilesError/malformed(file:place:expected:)`` for another rank or type, and for NaN or infinity unless
  ///   `allowNonFinite`.
  public init(npy array: NPYArray, allowNonFinite: Bool = false) throws {
    let shape = try array.stackShape()
    let values: [Double]
    switch array.elements {
    case .float32(let stored): values = stored.map { Double($0) }
    case .float64(let stored): values = stored
    default: throw array.wrongType()
    }
    if !allowNonFinite { try array.requireFinite() }
    self.init(count: shape.count, height: shape.height, width: shape.width, values: values)
  }
}
