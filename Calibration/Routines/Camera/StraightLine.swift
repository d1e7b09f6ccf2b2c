/// A line through weighted points, with the covariance of its two coefficients when the weights are inverse variances.
struct StraightLine: Sendable {
  let intercept: Double
  let slope: Double
  let interceptVariance: Double
  let slopeVariance: Double

  private typealias Sums = (w: Double, x: Double, y: Double, xx: Double, xy: Double)

  /// - Returns: nil when the points do not lie at two places at least.
  init?(_ points: some Sequence<(x: Double, y: Double, weight: Double)>) {
    var sums: Sums = (0, 0, 0, 0, 0)
    for (x, y, weight) in points {
      sums.w += weight
      sums.x += weight * x
      sums.y += weight * y
      sums.xx += weight * x * x
      sums.xy += weight * x * y
    }
    let determinant = sums.w * sums.xx - sums.x * sums.x
    guard determinant > 1e-12 * sums.w * sums.xx else { return nil }
    slope = (sums.w * sums.xy - sums.x * sums.y) / determinant
    intercept = (sums.xx * sums.y - sums.x * sums.xy) / determinant
    (interceptVariance, slopeVariance) = (sums.xx / determinant, sums.w / determinant)
  }

  func callAsFunction(_ x: Double) -> Double { intercept + slope * x }
}
