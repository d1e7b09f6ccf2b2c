import Arrays

/// Which of the eight ways to turn and to mirror a plane makes predicted pictures look like measured ones: a quick look, which neither
/// angles nor scales enter, where ``RegistrationRoutine`` finds the place as well.
package enum OrientationComparison {
  /// Pixels along each side of the compared pictures, and those by which they are shifted at most, which leaves room for light at an
  /// angle.
  private static let (side, reach) = (40, 10)

  /// Images that look unlike themselves when they are turned or mirrored, `[count, size, size]`.
  package static func images(_ count: Int, size: Int) -> Stack<Float> {
    AsymmetricImages.images(count, size: size, seed: 1)
  }

  /// The mean correlation of frames and predictions, these turned and mirrored each way and at their best shift.
  ///
  /// - Parameter predicted: as many as there are frames, of the same size.
  package static func correlations(frames: Stack<Float>, predicted: Stack<Float>) -> [Orientation: Double] {
    let seen = (0..<frames.count).map { small(frames, $0) }
    return Dictionary(
      uniqueKeysWithValues: Orientation.allCases.map { orientation in
        let turned = orientation.pictures(of: predicted)
        let sum = seen.indices.reduce(0) { $0 + best(seen[$1], small(turned, $1)) }
        return (orientation, sum / Double(max(1, seen.count)))
      })
  }

  /// The square in the middle of a picture, coarse and blurred, of mean 0.
  private static func small(_ pictures: Stack<Float>, _ index: Int) -> Picture {
    let square = min(pictures.height, pictures.width)
    let (left, top) = ((pictures.width - square) / 2, (pictures.height - square) / 2)
    let picture = Picture(
      width: square, height: square,
      values: (0..<square * square).map { Double(pictures[index, top + $0 / square, left + $0 % square]) })
    var small = picture.binned(by: max(1, square / side)).blurred(by: 1)
    let mean = small.values.reduce(0, +) / Double(max(1, small.values.count))
    for pixel in small.values.indices { small.values[pixel] -= mean }
    return small
  }

  /// The correlation at the best shift; what is shifted in from beyond a picture is as bright as its mean.
  private static func best(_ first: Picture, _ second: Picture) -> Double {
    let norm = (square(first) * square(second)).squareRoot()
    guard norm > 0, first.width == second.width else { return 0 }
    let shifts = -min(reach, first.width / 4)...min(reach, first.width / 4)
    let products = shifts.flatMap { y in shifts.map { x in product(first, second, x, y) } }
    return (products.max() ?? 0) / norm
  }

  private static func square(_ picture: Picture) -> Double { picture.values.reduce(0) { $0 + $1 * $1 } }

  private static func product(_ first: Picture, _ second: Picture, _ x: Int, _ y: Int) -> Double {
    let width = first.width
    return first.values.withUnsafeBufferPointer { a in
      second.values.withUnsafeBufferPointer { b in
        var sum = 0.0
        for row in max(0, y)..<min(first.height, first.height + y) {
          for column in max(0, x)..<min(width, width + x) {
            sum += a[row * width + column] * b[(row - y) * width + column - x]
          }
        }
        return sum
      }
    }
  }
}
