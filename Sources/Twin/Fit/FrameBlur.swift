import Numerics

/// A separable Gaussian blur of frames, normalised at the edges. Blurred frames change smoothly over a wider range of
/// angles, which is what lets a fit start far from the truth.
package struct FrameBlur: Sendable {
  /// Standard deviation in pixels.
  let sigma: Double
  private let weights: [Double]

  /// - Parameter sigma: standard deviation in pixels; nothing is blurred at 0.
  package init(sigma: Double) {
    self.sigma = sigma
    let reach = Int((3 * sigma).rounded(.up))
    weights = sigma > 0 ? (-reach...reach).map { Double.exp(-Double($0 * $0) / (2 * sigma * sigma)) } : [1]
  }

  /// Whether it changes nothing.
  var isIdentity: Bool { weights.count == 1 }

  func callAsFunction(_ frame: [Double], width: Int) -> [Double] {
    guard !isIdentity else { return frame }
    let height = frame.count / width
    let rows = pass(frame, lines: height, lineStride: width, length: width, stride: 1)
    return pass(rows, lines: width, lineStride: 1, length: height, stride: width)
  }

  private func pass(_ frame: [Double], lines: Int, lineStride: Int, length: Int, stride: Int) -> [Double] {
    let reach = weights.count / 2
    return [Double](unsafeUninitializedCapacity: frame.count) { result, count in
      count = frame.count
      for line in 0..<lines {
        for position in 0..<length {
          var sum = 0.0
          var total = 0.0
          for other in max(0, position - reach)...min(length - 1, position + reach) {
            let weight = weights[other - position + reach]
            sum += weight * frame[line * lineStride + other * stride]
            total += weight
          }
          result[line * lineStride + position * stride] = sum / total
        }
      }
    }
  }
}
