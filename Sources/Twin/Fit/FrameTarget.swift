import Arrays
import Measuring

/// A measured frame, prepared for residuals.
package struct FrameTarget: Sendable {
  let pattern: Stack<Double>
  let input: Stack<Double>
  /// Both in single precision, for derivatives.
  let single: (pattern: Stack<Float>, input: Stack<Float>)
  /// The samples, blurred as the stage wants it.
  let values: [Double]
  /// How much the square of a sample's residual counts: 0 where the frame is clipped, and 1 on average elsewhere.
  let weights: [Double]
  /// Their square roots.
  let roots: [Double]
  /// Mean and standard deviation of the samples that count.
  let mean: Double
  let deviation: Double
  let width: Int
  let fitsOffset: Bool

  /// - Parameter lack: how much of the light the twin is thought to lack; see ``FrameNoise/with(lack:mean:)``. All samples that are not
  ///   clipped count alike when nil.
  package init(_ data: FitData, frame: Int, blur: FrameBlur, fitsOffset: Bool, lack: Double? = nil) {
    let measured = Array(data.frames.values[data.frames.range(ofPlane: frame)])
    pattern = data.patterns[frame]
    input = data.input(of: frame)
    single = (pattern.converted(), input.converted())
    values = blur(measured, width: data.frames.width)
    width = data.frames.width
    self.fitsOffset = fitsOffset
    let limit = blur.isIdentity ? data.saturation ?? .infinity : .infinity
    let usable = measured.map { $0 < limit ? 1.0 : 0 }
    let count = max(1, usable.reduce(0, +))
    let mean = zip(values, usable).reduce(0) { $0 + $1.0 * $1.1 } / count
    let variance = zip(values, usable).reduce(0) { $0 + $1.1 * ($1.0 - mean) * ($1.0 - mean) } / count
    self.mean = mean
    deviation = max(variance.squareRoot(), .leastNormalMagnitude)
    if let lack {
      let noise = (data.noise ?? FrameNoise()).with(lack: lack, mean: mean)
      weights = Self.weights(usable, values, noise, variance)
    } else {
      weights = usable
    }
    roots = weights.map { $0.squareRoot() }
  }

  /// One over the variance of each sample that is usable, divided by the mean over them.
  private static func weights(
    _ usable: [Double], _ values: [Double], _ noise: FrameNoise, _ variance: Double
  ) -> [Double] {
    // No sample is known better than to a hundredth of the frame's deviation.
    let weights = zip(usable, values).map { $0 / max(noise.variance(at: $1), 1e-4 * variance, .leastNormalMagnitude) }
    let scale = usable.reduce(0, +) / max(weights.reduce(0, +), .leastNormalMagnitude)
    return weights.map { $0 * scale }
  }

  /// Samples that count, less those that the frame's own gain and offset take.
  var degrees: Double { weights.reduce(0, +) - (fitsOffset ? 2 : 1) }

  /// √w·(a·y + b − d)/σ(d) with the best gain a and, where there is a dark level, the best offset b; and this gain.
  func residuals(_ computed: [Double]) -> (residuals: [Double], gain: Double) {
    let line = line(through: computed)
    return (residuals(computed, line), line.gain)
  }

  /// ``residuals(_:)`` with their derivatives, from those of the computed frame. Gain and offset stay the best ones.
  func residuals(_ computed: [Double], _ changes: [[Double]]) -> (residuals: [Double], columns: [[Double]]) {
    let line = line(through: computed)
    let columns = changes.map { change -> [Double] in
      let own = line.change(change, computed, values, weights, fitsOffset: fitsOffset)
      return computed.indices.map {
        roots[$0] * (line.gain * change[$0] + own.gain * computed[$0] + own.offset) / deviation
      }
    }
    return (residuals(computed, line), columns)
  }

  /// The residuals of a computed frame as a function of it, with products of their derivatives.
  func linearised(_ computed: [Double]) -> LinearisedResiduals {
    let line = line(through: computed)
    return LinearisedResiduals(
      residuals: residuals(computed, line), target: self, computed: computed, gain: line.gain,
      byGain: line.byGain(computed, values, weights, fitsOffset: fitsOffset), means: line.means)
  }

  private func residuals(_ computed: [Double], _ line: BestLine) -> [Double] {
    let scale = 1 / deviation
    return computed.indices.map { roots[$0] * (line.gain * computed[$0] + line.offset - values[$0]) * scale }
  }

  private func line(through computed: [Double]) -> BestLine {
    BestLine(computed, values, weights, fitsOffset: fitsOffset)
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

/// The gain, and the offset where there is one, that take a computed frame y closest to a measured one d.
private struct BestLine {
  private(set) var gain = 0.0
  private(set) var offset = 0.0
  private var count = 0.0
  private var y = 0.0
  private var d = 0.0
  private var yy = 0.0
  private var yd = 0.0

  init(_ computed: [Double], _ measured: [Double], _ weights: [Double], fitsOffset: Bool) {
    for index in computed.indices {
      let weight = weights[index]
      count += weight
      y += weight * computed[index]
      d += weight * measured[index]
      yy += weight * computed[index] * computed[index]
      yd += weight * computed[index] * measured[index]
    }
    gain = yy > 0 ? yd / yy : 0
    guard fitsOffset else { return }
    let spread = yy - y * y / count
    gain = spread > 0 ? (yd - y * d / count) / spread : 0
    offset = (d - gain * y) / count
  }

  /// The mean of the computed frame over the samples that count, and the part of each of them in a mean.
  var means: (computed: Double, weight: Double) { (count > 0 ? y / count : 0, count > 0 ? 1 / count : 0) }

  /// The derivative of the gain by each sample of the computed frame.
  func byGain(
    _ computed: [Double], _ measured: [Double], _ weights: [Double], fitsOffset: Bool
  ) -> [Double] {
    let spread = fitsOffset ? yy - y * y / count : yy
    guard spread > 0 else { return [Double](repeating: 0, count: computed.count) }
    let (meanY, meanD) = fitsOffset ? (y / count, d / count) : (0, 0)
    return computed.indices.map {
      weights[$0] * (measured[$0] - meanD - 2 * gain * (computed[$0] - meanY)) / spread
    }
  }

  /// How gain and offset change with the computed frame.
  func change(
    _ change: [Double], _ computed: [Double], _ measured: [Double], _ weights: [Double], fitsOffset: Bool
  ) -> (gain: Double, offset: Double) {
    var (c, cy, cd) = (0.0, 0.0, 0.0)
    for index in change.indices {
      let weighted = weights[index] * change[index]
      c += weighted
      cy += weighted * computed[index]
      cd += weighted * measured[index]
    }
    guard fitsOffset else { return (yy > 0 ? (cd - 2 * gain * cy) / yy : 0, 0) }
    let spread = yy - y * y / count
    let byGain = spread > 0 ? (cd - c * d / count - 2 * gain * (cy - c * y / count)) / spread : 0
    return (byGain, -(byGain * y + gain * c) / count)
  }
}
