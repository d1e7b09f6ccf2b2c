import Arrays

/// Resampling in which every new pixel is the mean of the old ones, weighted with the area of the overlap.
public enum AreaResampling {
  /// Every image of the stack with `height`×`width` pixels. The mean of an image does not change.
  public static func resample(_ images: Stack<Float>, height: Int, width: Int) -> Stack<Float> {
    if images.height == height, images.width == width { return images }
    let rows = weights(from: images.height, to: height)
    let columns = weights(from: images.width, to: width)
    var result = Stack<Float>(count: images.count, height: height, width: width)
    var narrowed = [Float](repeating: 0, count: images.height * width)
    for image in 0..<images.count {
      let source = image * images.planeSize
      for y in 0..<images.height {
        for x in 0..<width {
          narrowed[y * width + x] = weightedSum(columns[x], of: images.values, at: source + y * images.width, stride: 1)
        }
      }
      for y in 0..<height {
        for x in 0..<width {
          result.values[(image * height + y) * width + x] = weightedSum(rows[y], of: narrowed, at: x, stride: width)
        }
      }
    }
    return result
  }

  private struct Overlap {
    var first: Int
    var weights: [Float]
  }

  private static func weights(from old: Int, to new: Int) -> [Overlap] {
    // Lengths in units of 1/(old·new) of the image are whole numbers: an old pixel is `new` long and a new one `old`.
    (0..<new).map { index in
      let (start, end) = (index * old, (index + 1) * old)
      let pixels = start / new...(end - 1) / new
      return Overlap(
        first: pixels.lowerBound,
        weights: pixels.map { Float(min(end, ($0 + 1) * new) - max(start, $0 * new)) / Float(old) })
    }
  }

  private static func weightedSum(_ overlap: Overlap, of values: [Float], at start: Int, stride: Int) -> Float {
    var sum: Float = 0
    for (offset, weight) in overlap.weights.enumerated() {
      sum += weight * values[start + (overlap.first + offset) * stride]
    }
    return sum
  }
}
