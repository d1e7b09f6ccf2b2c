import Devices

/// What a camera says in the dark, in its own numbers, after EMVA 1288, section 7.
struct DarkSignal: Sendable {
  /// The mean of a pixel at the longest exposure; zeros where the dark signal is cut off, since that says nothing.
  let map: [Double]
  /// Of all pixels but the hot ones, at no exposure; its standard deviation; and what each second of exposure adds.
  let level: Double
  let levelDeviation: Double
  let current: Double
  /// Standard deviation of the means of pixels, of which the temporal noise is subtracted: DSNU.
  let nonUniformity: Double
  let hot: Set<Int>
  /// Part of the samples that are zero. Where there are more than a few, the dark signal is cut off.
  let underflow: Double

  /// After EMVA 1288 no more than this part may underflow.
  private static let allowedUnderflow = 0.005
  /// How far a hot pixel stands out, in standard deviations and in steps of the converter.
  private static let (hotDeviations, hotSteps) = (7.0, 3.0)

  var isCutOff: Bool { underflow > Self.allowedUnderflow }

  /// - Parameter steps: with light on no panel.
  init(_ steps: [RawFrames]) {
    let statistics = steps.map { PixelStatistics($0.frames) }
    let longest = steps.indices.max { steps[$0].settings.exposure < steps[$1].settings.exposure } ?? 0
    let (map, variance, frames) = (
      statistics[longest].mean, statistics[longest].variance, Double(statistics[longest].frames)
    )
    let (middle, spread) = Self.robust(map)
    let limit = middle + max(Self.hotDeviations * spread, Self.hotSteps)
    let hot = Set(map.indices.filter { map[$0] > limit })
    let good = map.indices.filter { !hot.contains($0) }
    let count = Double(max(1, good.count))
    let means = statistics.map { one in good.reduce(0) { $0 + one.mean[$1] } / count }
    let points = zip(steps, means).map { (x: $0.settings.exposure, y: $1, weight: 1.0) }
    let line = StraightLine(points)
    (level, current) = (line?.intercept ?? means[longest], line?.slope ?? 0)
    let temporal = good.reduce(0) { $0 + variance[$1] } / count / frames
    let spatial = good.reduce(0) { $0 + (map[$1] - means[longest]) * (map[$1] - means[longest]) } / max(1, count - 1)
    nonUniformity = max(0, spatial - temporal).squareRoot()
    levelDeviation = (spatial / count).squareRoot() * (line?.interceptVariance ?? 1).squareRoot()
    let samples = steps.reduce(0) { $0 + $1.frames.reduce(0) { $0 + $1.pixels.count } }
    let zeros = steps.reduce(0) { $0 + $1.frames.reduce(0) { $0 + $1.pixels.count { $0 == 0 } } }
    underflow = Double(zeros) / Double(max(1, samples))
    self.map = underflow > Self.allowedUnderflow ? map.map { _ in 0 } : map
    self.hot = hot
  }

  /// The median, and the standard deviation that the middle half of normal numbers has.
  private static func robust(_ values: [Double]) -> (middle: Double, spread: Double) {
    let sorted = values.sorted()
    guard let last = sorted.indices.last else { return (0, 0) }
    return (sorted[last / 2], (sorted[last * 3 / 4] - sorted[last / 4]) / 1.349)
  }
}
