import Arrays

/// One file's images before any are chosen.
struct DatasetPart {
  /// One per image, or none.
  var labels: [UInt8]
  /// The images that may be chosen.
  var range: Range<Int>
  /// The images with the given numbers.
  var images: ([Int]) -> Stack<Float>
  /// Where labels would be looked for; nil when there can be none.
  var labelsHint: String?

  var count: Int { range.count }
}

/// Which images of the parts are wanted.
struct Selection {
  let name: String
  let classes: [Int]?
  let count: Int?
  let random: CounterRandom

  private static let imagesAtOnce = 4096

  init(_ request: DatasetRequest) {
    (name, classes, count, random) = (request.name, request.classes, request.count, request.random)
  }

  /// The chosen images in random order; of several parts, all of the first part's come first.
  func dataset(of parts: [DatasetPart], size: Int) throws -> ImageDataset {
    var generator = random.generator()
    var candidates = try parts.enumerated().flatMap { part, content in
      try wanted(of: content).map { (part: part, index: $0) }
    }
    candidates.shuffle(using: &generator)
    let chosen = candidates.prefix(count ?? candidates.count)
    guard !chosen.isEmpty, chosen.count == count ?? chosen.count else {
      throw DatasetError.dataset(
        name: name, place: "selection",
        expected: "at least \(count ?? 1) images of \(classes.map { "the classes \($0)" } ?? "any class"), "
          + "found \(candidates.count)")
    }
    var values: [Float] = []
    var labels: [UInt8] = []
    for (number, part) in parts.enumerated() {
      let indices = chosen.filter { $0.part == number }.map(\.index)
      // As numbers, the images of a large file would take several times its size.
      for start in stride(from: 0, to: indices.count, by: Self.imagesAtOnce) {
        let images = part.images(Array(indices[start..<min(start + Self.imagesAtOnce, indices.count)]))
        guard images.height == images.width else {
          throw DatasetError.dataset(
            name: name, place: "image size", expected: "square images, found \(images.height) × \(images.width)")
        }
        values += try ImageDataset(name: name, images: images, labels: []).resampled(to: size).images.values
      }
      if !part.labels.isEmpty { labels += indices.map { part.labels[$0] } }
    }
    return ImageDataset(
      name: name, images: Stack(count: chosen.count, height: size, width: size, values: values), labels: labels)
  }

  private func wanted(of part: DatasetPart) throws -> [Int] {
    guard let classes else { return Array(part.range) }
    guard !part.labels.isEmpty else {
      let place = part.labelsHint.map { "; they should be in \($0)" } ?? ""
      throw DatasetError.dataset(
        name: name, place: "classes", expected: "labels beside the images, found none\(place)")
    }
    for label in classes where !part.labels.contains(where: { Int($0) == label }) {
      throw DatasetError.dataset(
        name: name, place: "classes", expected: "some of \(Set(part.labels).sorted()), found \(label)")
    }
    return part.range.filter { classes.contains(Int(part.labels[$0])) }
  }
}
