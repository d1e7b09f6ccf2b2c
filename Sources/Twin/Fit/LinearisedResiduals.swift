/// The residuals of one frame, and products of their derivatives by the computed frame: gain, and the offset where there is one, stay the
/// best ones.
struct LinearisedResiduals: Sendable {
  let residuals: [Double]
  let target: FrameTarget
  let computed: [Double]
  let gain: Double
  /// The derivative of the gain by each sample.
  let byGain: [Double]
  /// The mean of the computed frame over the samples that count, and the part of each of them in a mean.
  let means: (computed: Double, weight: Double)

  /// How the residuals change when the computed frame does.
  func product(_ change: [Double]) -> [Double] {
    let weights = target.weights
    var (ownGain, mean) = (0.0, 0.0)
    for index in change.indices {
      ownGain += byGain[index] * change[index]
      mean += weights[index] * change[index]
    }
    let offset = target.fitsOffset ? -(ownGain * means.computed + gain * mean * means.weight) : 0
    return change.indices.map {
      target.roots[$0] * (gain * change[$0] + ownGain * computed[$0] + offset) / target.deviation
    }
  }

  /// The derivatives of Σ w·r by the samples of the computed frame.
  func transposedProduct(_ factors: [Double]) -> [Double] {
    let (weights, roots) = (target.weights, target.roots)
    var (sum, along) = (0.0, 0.0)
    for index in factors.indices {
      let factor = roots[index] * factors[index] / target.deviation
      sum += factor
      along += factor * computed[index]
    }
    let byOffset = target.fitsOffset ? sum : 0
    let ownGain = along - byOffset * means.computed
    return factors.indices.map {
      gain * (roots[$0] * factors[$0] / target.deviation - weights[$0] * byOffset * means.weight) + byGain[$0] * ownGain
    }
  }
}
