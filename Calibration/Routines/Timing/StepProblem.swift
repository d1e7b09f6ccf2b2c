import Fitting

/// The residuals of samples, in units of their noise.
struct StepProblem: LeastSquaresProblem {
  let samples: [StepSample]
  let scale: Double
  let rows: Double

  static let bounds: [ClosedRange<Double>] = [-2...4, 2e-4...4, 2e-4...2, -1...1]
  /// What no shape of this kind explains, as part of the change; and by how much unknowns differ for their derivatives.
  private static let (floor, step) = (1e-3, 1e-4)

  func shape(_ values: [Double]) -> StepShape {
    StepShape(latency: values[0] * scale, ramp: values[1] * scale, lag: values[2] * scale)
  }

  func cost(at values: [Double]) -> Double { residuals(values).reduce(0) { $0 + $1 * $1 } / 2 }

  func normalEquations(at values: [Double]) -> NormalEquations {
    var normal = NormalEquations(unknowns: values.count)
    normal.add(residuals: residuals(values), columns: values.indices.map { columns(values, $0) })
    return normal
  }

  private func residuals(_ values: [Double]) -> [Double] {
    let shape = shape(values)
    return samples.map { sample in
      let start = sample.start + values[3] * scale * sample.row / rows
      let expected = shape.progress(from: start, to: start + sample.exposure)
      return (expected - sample.progress) / weight(sample)
    }
  }

  private func weight(_ sample: StepSample) -> Double {
    (sample.deviation * sample.deviation + Self.floor * Self.floor).squareRoot()
  }

  private func columns(_ values: [Double], _ index: Int) -> [Double] {
    let (low, high) = Self.beside(values, index)
    return zip(residuals(high), residuals(low)).map { ($0 - $1) / (high[index] - low[index]) }
  }

  private static func beside(_ values: [Double], _ index: Int) -> (low: [Double], high: [Double]) {
    var (low, high) = (values, values)
    low[index] = max(values[index] - step, bounds[index].lowerBound)
    high[index] = values[index] + step
    return (low, high)
  }

  static func difference(_ values: [Double], _ index: Int, _ function: ([Double]) -> Double) -> Double {
    let (low, high) = beside(values, index)
    return (function(high) - function(low)) / (high[index] - low[index])
  }

  /// From how far each change alone is early or late. One whose frames say little counts little.
  func jitter(at values: [Double]) -> Double {
    let (residuals, slopes) = (residuals(values), columns(values, 0))
    var sums: [Int: (slope: Double, curvature: Double)] = [:]
    for (index, sample) in samples.enumerated() {
      sums[sample.change, default: (0, 0)].slope += residuals[index] * slopes[index]
      sums[sample.change, default: (0, 0)].curvature += slopes[index] * slopes[index]
    }
    // In order, so that equal samples give equal bits.
    let known = sums.sorted { $0.key < $1.key }.map(\.value).filter { $0.curvature > 0 }
    let weights = known.reduce(0) { $0 + $1.curvature * $1.curvature }
    // Weights 1/σ⁴ of (δ² − σ²), with δ = slope/curvature and σ² = 1/curvature.
    let excess = known.reduce(0) { $0 + $1.slope * $1.slope - $1.curvature }
    return scale * (weights > 0 ? max(0, excess / weights) : 0).squareRoot()
  }
}
