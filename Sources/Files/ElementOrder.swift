extension NPYElements {
  /// The same elements in C order, of an array of the given shape that is stored in Fortran order: with its first index as
  /// the one that varies fastest.
  func rowMajor(fromFortranOrder shape: [Int]) -> NPYElements {
    switch self {
    case .float32(let values): .float32(rearranged(values, shape))
    case .float64(let values): .float64(rearranged(values, shape))
    case .complex64(let values): .complex64(rearranged(values, shape))
    case .complex128(let values): .complex128(rearranged(values, shape))
    case .uint8(let values): .uint8(rearranged(values, shape))
    case .uint16(let values): .uint16(rearranged(values, shape))
    case .int32(let values): .int32(rearranged(values, shape))
    case .int64(let values): .int64(rearranged(values, shape))
    }
  }

  private func rearranged<Number>(_ stored: [Number], _ shape: [Int]) -> [Number] {
    guard shape.count > 1, !stored.isEmpty else { return stored }
    let strides = shape.indices.map { shape[..<$0].reduce(numbersPerElement, *) }
    var values: [Number] = []
    values.reserveCapacity(stored.count)
    // Counts through the indices, the last one fastest, beside the position of that element in the file.
    var index = [Int](repeating: 0, count: shape.count)
    var position = 0
    while values.count < stored.count {
      for part in 0..<numbersPerElement { values.append(stored[position + part]) }
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        position += strides[axis]
        if index[axis] < shape[axis] { break }
        position -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return values
  }
}
