import Arrays
import Measuring

/// A measured frame, prepared for residuals.
package struct FrameTarget: Sendable {
  let pattern: Stack<Double>
  let input: Stack<Double>
  /// The samples, blurred as the stage wants it.
  let values: [Double]
  /// Which samples count: 1, or 0 where the frame is clipped.
  let weights: [Double]
  /// Standard deviation of the samples that count.
  let deviation: Double
  let width: Int
  let fitsOffset: Bool

  package init(_ data: FitData, frame: Int, blur: FrameBlur, fitsOffset: Bool) {
    let measured = Array(data.frames.values[data.frames.range(ofPlane: frame)])
    pattern = data.patterns[frame]
    input = data.input(of: frame)
    values = blur(measured, width: data.frames.width)
    width = data.frames.width
    self.fitsOffset = fitsOffset
    if let limit = data.saturation, blur.isIdentity {
      weights = measured.map { $0 < limit ? 1 : 0 }
    } else {
      weights = [Double](repeating: 1, count: measured.count)
    }
    let count = max(1, weights.reduce(0, +))
    let mean = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / count
    let variance = zip(values, weights).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) } / count
    deviation = max(variance.squareRoot(), .leastNormalMagnitude)
  }

  /// Samples that count, less those that the frame's own gain and offset take.
  var degrees: Double { weights.reduce(0, +) - (fitsOffset ? 2 : 1) }

  /// (a·y + b − d)/σ(d) with the best gain a and, where there is a dark level, the best offset b; and this gain.
  func residuals(_ computed: [Double]) -> (residuals: [Double], gain: Double) {
    var (count, y, d, yy, yd) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for index in computed.indices {
      let weight = weights[index]
      count += weight
      y += weight * computed[index]
      d += weight * values[index]
      yy += weight * computed[index] * computed[index]
      yd += weight * computed[index] * values[index]
    }
    var (gain, offset) = (yy > 0 ? yd / yy : 0, 0.0)
    if fitsOffset {
      let spread = yy - y * y / count
      gain = spread > 0 ? (yd - y * d / count) / spread : 0
      offset = (d - gain * y) / count
    }
    let scale = 1 / deviation
    let residuals = computed.indices.map {
      weights[$0] * (gain * computed[$0] + offset - values[$0]) * scale
    }
    return (residuals, gain)
  }

  /// How far a computed frame differs in shape, where the frame is not clipped.
  func discrepancy(_ computed: [Double]) -> Discrepancy {
    func usable(_ samples: [Double]) -> Stack<Double> {
      let kept = zip(samples, weights).compactMap { $1 > 0 ? $0 : nil }
      return Stack(count: 1, height: 1, width: kept.count, values: kept)
    }
    return Discrepancy(usable(computed), usable(values))
  }
}
