import Arrays

/// Images of coarse squares that look unlike themselves when they are turned or mirrored. They leave a dark margin, so that light at an
/// angle does not lose its way beside the layers, and are coarse, so that they are still seen after the light has spread.
enum AsymmetricImages {
  /// Squares along each side, the part of the image that they cover, and the images that are drawn for each that is taken.
  private static let (cells, covered, draws) = (5, 0.7, 64)

  /// - Returns: `[count, size, size]`, values 0 and 1.
  static func images(_ count: Int, size: Int, seed: UInt64) -> Stack<Float> {
    let random = CounterRandom(seed: seed).stream(named: "asymmetric images")
    var images = Stack<Float>(count: count, height: size, width: size)
    for index in 0..<count {
      let drawn = (0..<draws).map { image(size: size, random.child(UInt64(index * draws + $0))) }
      let best = drawn.min { symmetry($0) < symmetry($1) } ?? drawn[0]
      images.values.replaceSubrange(images.range(ofPlane: index), with: best.values)
    }
    return images
  }

  private static func image(size: Int, _ random: CounterRandom) -> Stack<Float> {
    let side = max(1, Int(Double(size) * covered) / cells)
    let count = min(cells, max(1, size / side))
    let margin = (size - count * side) / 2
    var image = Stack<Float>(count: 1, height: size, width: size)
    for y in 0..<count * side {
      for x in 0..<count * side where random.uniform(at: UInt64(y / side * count + x / side)) < 0.5 {
        image[0, margin + y, margin + x] = 1
      }
    }
    return image
  }

  /// How much of the image is the same when it is turned or mirrored the most favourable way: 1 where nothing changes, more for one
  /// without squares, and most for a dark one.
  private static func symmetry(_ image: Stack<Float>) -> Float {
    let mean = image.values.reduce(0, +) / Float(image.values.count)
    func product(_ other: Stack<Float>) -> Float {
      zip(image.values, other.values).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
    }
    let own = product(image)
    guard own > 0 else { return mean > 0 ? 2 : 3 }
    return Orientation.allCases.filter { $0 != .upright }.map { product($0.pictures(of: image)) / own }.max() ?? 1
  }
}
