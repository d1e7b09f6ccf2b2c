import Files

/// The labels of images in a NumPy file, which are in another one beside it: `train-labels.npy` for `train-images.npy`,
/// `y_train.npy` for `x_train.npy`.
enum NPYLabels {
  private static let names = [
    ("images", "labels"), ("imgs", "labels"), ("x_", "y_"), ("X_", "y_"), ("_x", "_y"), ("_X", "_y"),
  ]

  /// - Returns: one label for each image, or none; and where they would be looked for, if the name tells.
  /// - Throws: `FilesError` for a file of that name that holds no labels of so many images.
  static func beside(_ file: String, count: Int) throws -> (labels: [UInt8], hint: String?) {
    let slash = file.lastIndex(of: "/").map { file.index(after: $0) } ?? file.startIndex
    let (folder, name) = (file[..<slash], file[slash...])
    guard let (images, labels) = names.first(where: { name.contains($0.0) }) else {
      return ([], "a file beside it, as train-labels.npy for train-images.npy or y_train.npy for x_train.npy")
    }
    let path = String(folder + name.replacing(images, with: labels))
    guard AtomicFile.exists(path) else { return ([], path) }
    return (try read(path, count: count), path)
  }

  private static func read(_ path: String, count: Int) throws -> [UInt8] {
    let array = try NPY.decode(AtomicFile.read(path, limit: IDX.byteLimit), source: path)
    func refusal(_ place: String, _ expected: String) -> FilesError {
      .malformed(file: path, place: place, expected: expected)
    }
    guard array.shape == [count] || array.shape == [count, 1] else {
      throw refusal("shape", "[\(count)], a label for each image, found \(array.shape)")
    }
    let numbers: [Int]? =
      switch array.elements {
      case .uint8(let values): values.map(Int.init)
      case .uint16(let values): values.map(Int.init)
      case .int32(let values): values.map(Int.init)
      case .int64(let values): values.map(Int.init)
      default: nil
      }
    guard let numbers else { throw refusal("dtype", "whole numbers, found \(array.elements.typeName)") }
    if let index = numbers.firstIndex(where: { !(0...255).contains($0) }) {
      throw refusal("element \(index)", "a class from 0 to 255, found \(numbers[index])")
    }
    return numbers.map { UInt8($0) }
  }
}
