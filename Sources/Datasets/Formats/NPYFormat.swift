import Arrays
import Files

extension DatasetFormat {
  /// A NumPy array `[count, size, size]` or `[count, size·size]` of float32 or float64 in 0…1, or of uint8.
  public static let npy = DatasetFormat(
    "npy", "a NumPy array [count, size, size] of numbers in 0…1 or bytes", place: "FILE"
  ) { file, request in
    var part = try NPYImages.part(file)
    part.range = try request.split.range(of: part.count, file: file)
    return try Selection(request).dataset(of: [part], size: request.size)
  }
}

/// Images of a NumPy array.
private enum NPYImages {
  static func part(_ file: String) throws -> DatasetPart {
    let array = try squares(
      withoutChannels(NPY.decode(AtomicFile.read(file, limit: IDX.byteLimit), source: file)), file: file)
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
}
