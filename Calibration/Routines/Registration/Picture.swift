import Foundation

/// One plane of numbers that can be blurred, binned and looked at between its samples.
struct Picture: Sendable {
  let width: Int
  let height: Int
  var values: [Double]

  init(width: Int, height: Int, values: [Double]) {
    precondition(values.count == width * height, "a picture needs width·height values")
    (self.width, self.height, self.values) = (width, height, values)
  }

  /// The means over squares of pixels; what is left over at the right and the bottom is left out.
  func binned(by count: Int) -> Picture {
    guard count > 1 else { return self }
    let (columns, rows) = (width / count, height / count)
    let share = 1 / Double(count * count)
    return Picture(
      width: columns, height: rows,
      values: (0..<columns * rows).map { index in
        let (left, top) = (index % columns * count, index / columns * count)
        var sum = 0.0
        for y in top..<top + count { for x in left..<left + count { sum += values[y * width + x] } }
        return sum * share
      })
  }

  /// Blurred with a Gaussian; beyond the picture it is dark.
  func blurred(by deviation: Double) -> Picture {
    guard deviation > 0.1 else { return self }
    let reach = max(1, Int((3 * deviation).rounded(.up)))
    var kernel = (-reach...reach).map { exp(-Double($0 * $0) / (2 * deviation * deviation)) }
    let sum = kernel.reduce(0, +)
    for index in kernel.indices { kernel[index] /= sum }
    return along(x: kernel, reach).along(y: kernel, reach)
  }

  private func along(x kernel: [Double], _ reach: Int) -> Picture {
    var result = self
    for y in 0..<height {
      for x in 0..<width {
        var sum = 0.0
        for tap in max(-reach, -x)...min(reach, width - 1 - x) {
          sum += kernel[tap + reach] * values[y * width + x + tap]
        }
        result.values[y * width + x] = sum
      }
    }
    return result
  }

  private func along(y kernel: [Double], _ reach: Int) -> Picture {
    var result = self
    for y in 0..<height {
      let taps = max(-reach, -y)...min(reach, height - 1 - y)
      for x in 0..<width {
        var sum = 0.0
        for tap in taps { sum += kernel[tap + reach] * values[(y + tap) * width + x] }
        result.values[y * width + x] = sum
      }
    }
    return result
  }

  /// The value at a place between samples, linearly interpolated, and its slopes; dark beyond the picture.
  @inline(__always)
  func look(_ x: Double, _ y: Double) -> (value: Double, slopeX: Double, slopeY: Double) {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    guard left >= 0, top >= 0, left < Double(width - 1), top < Double(height - 1) else { return (0, 0, 0) }
    let (fx, fy) = (x - left, y - top)
    let first = Int(top) * width + Int(left)
    let (a, b, c, d) = (values[first], values[first + 1], values[first + width], values[first + width + 1])
    return (
      (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy, (b - a) * (1 - fy) + (d - c) * fy,
      (c - a) * (1 - fx) + (d - b) * fx
    )
  }

  /// Where the light is: its centre, and the root mean square distance from it. What is fainter than a part of the brightest is left out.
  func spread(above part: Double) -> (x: Double, y: Double, radius: Double)? {
    let bright = values.sorted()[Int(Double(values.count - 1) * RegistrationPlan.rank)]
    var (sum, x, y, square) = (0.0, 0.0, 0.0, 0.0)
    for index in values.indices where values[index] > part * bright && bright > 0 {
      let (column, row) = (Double(index % width), Double(index / width))
      sum += 1
      x += column
      y += row
      square += column * column + row * row
    }
    guard sum > 0 else { return nil }
    let radius = max(0.25, square / sum - (x * x + y * y) / (sum * sum)).squareRoot()
    return (x / sum, y / sum, radius)
  }
}
