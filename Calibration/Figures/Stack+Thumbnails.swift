import Arrays

/// Small pictures of planes.
extension Stack where Scalar: BinaryFloatingPoint {
  /// Means over squares of samples, so that no side is longer than `side`; what is left over at the right and the bottom is left out.
  func meaned(to side: Int) -> Stack<Float> {
    let step = step(to: side)
    return small(step) { picture, plane, y, x in
      var sum = 0.0
      for row in y..<y + step { for column in x..<x + step { sum += Double(picture[plane, row, column]) } }
      return Float(sum / Double(step * step))
    }
  }

  /// One sample of each square, for values that have no mean, like phases.
  func thinned(to side: Int) -> Stack<Float> {
    small(step(to: side)) { picture, plane, y, x in Float(picture[plane, y, x]) }
  }

  private func step(to side: Int) -> Int { max(1, (max(height, width) + side - 1) / side) }

  private func small(_ step: Int, _ value: (Stack, _ plane: Int, _ y: Int, _ x: Int) -> Float) -> Stack<Float> {
    var result = Stack<Float>(count: count, height: max(1, height / step), width: max(1, width / step))
    for plane in 0..<count {
      for y in 0..<height / step {
        for x in 0..<width / step { result[plane, y, x] = value(self, plane, y * step, x * step) }
      }
    }
    return result
  }
}
