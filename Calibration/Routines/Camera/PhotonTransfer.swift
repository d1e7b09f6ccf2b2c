import Devices
import Report

/// Variance over signal, in the camera's own numbers: the slope is the gain, and where the line begins is the read noise (EMVA 1288,
/// section 6). Every pixel at every exposure is a point, and so the light need not be uniform.
struct PhotonTransfer: Sendable {
  /// Variance for each unit of signal, and at no signal, the converter's steps included.
  let line: StraightLine
  /// Means of points of about equal signal.
  let means: [CurvePoint]

  private struct Point {
    var signal: Double
    var variance: Double
    /// Degrees of freedom of the variance.
    var freedom: Double
  }

  /// Standard deviations by which a pixel must stay clear of the ends of the converter's range, and how often weights are renewed.
  private static let (clearance, iterations) = (6.0, 4)

  /// - Parameter excluded: pixels that are no measure of the others.
  /// - Returns: nil when there is no light to speak of.
  init?(light: [RawFrames], dark steps: [RawFrames], above dark: DarkSignal, fullScale: Double, excluded: Set<Int>) {
    var points: [Point] = []
    func add(_ statistics: PixelStatistics, isDark: Bool) {
      let freedom = Double(statistics.frames - 1)
      guard freedom > 0 else { return }
      // The deviations of the whole frame: those of one pixel would select by chance.
      for pixel in statistics.mean.indices where !excluded.contains(pixel) {
        let signal = isDark ? 0 : statistics.mean[pixel] - dark.map[pixel]
        points.append(Point(signal: signal, variance: statistics.variance[pixel], freedom: freedom))
      }
    }
    for step in light where step.frames.allSatisfy({ !$0.pixels.isEmpty }) {
      add(PixelStatistics(step.frames, above: dark.map), isDark: false)
    }
    if !dark.isCutOff { for step in steps { add(PixelStatistics(step.frames), isDark: true) } }
    guard let line = Self.line(points, level: dark.level, fullScale: fullScale, isCutOff: dark.isCutOff) else {
      return nil
    }
    self.line = line
    means = Self.means(of: points)
  }

  /// How many means there are at most.
  private static let bins = 40

  private static func means(of points: [Point]) -> [CurvePoint] {
    let largest = points.reduce(0) { max($0, $1.signal) }
    guard largest > 0 else { return [] }
    var sums = [(weight: Double, signal: Double, variance: Double)](repeating: (0, 0, 0), count: bins)
    for point in points where point.signal >= 0 {
      let bin = min(bins - 1, Int(point.signal / largest * Double(bins)))
      sums[bin].weight += point.freedom
      sums[bin].signal += point.freedom * point.signal
      sums[bin].variance += point.freedom * point.variance
    }
    return sums.filter { $0.weight > 0 }.map { sum in
      let variance = sum.variance / sum.weight
      return CurvePoint(x: sum.signal / sum.weight, y: variance, deviation: variance * (2 / sum.weight).squareRoot())
    }
  }

  /// Weights follow from the line itself: the variance of a variance is twice its square for each degree of freedom.
  private static func line(
    _ points: [Point], level: Double, fullScale: Double, isCutOff: Bool
  ) -> StraightLine? {
    var (intercept, slope) = (0.0, start(points))
    var found: StraightLine?
    for _ in 0..<iterations {
      let line = StraightLine(
        points.lazy.compactMap { point -> (x: Double, y: Double, weight: Double)? in
          let variance = max(intercept + slope * max(0, point.signal), 1e-3)
          let margin = clearance * variance.squareRoot()
          guard level + point.signal + margin < fullScale, !isCutOff || point.signal > margin else { return nil }
          return (point.signal, point.variance, point.freedom / (2 * variance * variance))
        })
      guard let line else { return found }
      (intercept, slope, found) = (max(0, line.intercept), max(0, line.slope), line)
    }
    return found
  }

  /// A first slope: variance over signal of all of them together.
  private static func start(_ points: [Point]) -> Double {
    let lit = points.filter { $0.signal > 0 }
    let signal = lit.reduce(0) { $0 + $1.signal }
    return signal > 0 ? lit.reduce(0) { $0 + $1.variance } / signal : 0
  }
}
