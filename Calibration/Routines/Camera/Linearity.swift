import Devices
import Report

/// The signal of the brightest pixels over the exposure, in the camera's own numbers (EMVA 1288, section 6.7), and pixels that do not
/// follow.
struct Linearity: Sendable {
  /// Signal for each second; where it begins is the dark level, when that was not subtracted.
  let line: StraightLine
  /// The signal at each exposure.
  let means: [CurvePoint]
  /// Mean relative deviation from the line; nil with fewer than three exposures.
  let error: Double?
  /// Pixels that stay dark between lit ones.
  let dead: Set<Int>
  /// Pixels that have too little light to tell whether they are dead.
  let unjudged: Int

  /// The part of the brightest pixels' signal that pixels have whose linearity counts, and that neighbours of a dead pixel have.
  private static let (bright, lit) = (0.5, 0.2)
  /// The part of its neighbours' signal that a dead pixel has at most.
  private static let dead = 0.1

  /// - Parameter width: pixels of a row.
  init?(_ light: [RawFrames], above dark: DarkSignal, fullScale: Double, width: Int) {
    let exposures = light.map(\.settings.exposure)
    let signals = light.map { step in zip(PixelStatistics(step.frames).mean, dark.map).map { $0 - $1 } }
    guard let longest = exposures.indices.max(by: { exposures[$0] < exposures[$1] }) else { return nil }
    let good = signals[longest].indices.filter { !dark.hot.contains($0) }
    // Pixels that saturate say nothing of linearity.
    let clear = good.filter { signals[longest][$0] + dark.map[$0] < 0.98 * fullScale }
    let brightest = clear.map { signals[longest][$0] }.max() ?? 0
    let chosen = clear.filter { signals[longest][$0] >= Self.bright * brightest }
    guard !chosen.isEmpty, brightest > 0 else { return nil }
    let chosenMeans = signals.map { signal in chosen.reduce(0) { $0 + signal[$1] } / Double(chosen.count) }
    // Weights by which relative deviations count.
    let points = zip(exposures, chosenMeans).map { (x: $0, y: $1, weight: 1 / max($1 * $1, 1e-12)) }
    guard let line = StraightLine(points) else { return nil }
    self.line = line
    means = zip(exposures, chosenMeans).map { CurvePoint(x: $0, y: $1) }
    error =
      points.count < 3
      ? nil : points.reduce(0) { $0 + abs($1.y - line($1.x)) / max(line($1.x), 1e-12) } / Double(points.count)
    (dead, unjudged) = Self.dead(
      in: signals[longest], width: width, threshold: Self.lit * brightest, hot: dark.hot)
  }

  /// Only pixels whose neighbours are lit can be judged.
  private static func dead(
    in signal: [Double], width: Int, threshold: Double, hot: Set<Int>
  ) -> (dead: Set<Int>, unjudged: Int) {
    let height = signal.count / max(1, width)
    var (dead, unjudged) = (Set<Int>(), 0)
    for y in 0..<height {
      for x in 0..<width where !hot.contains(y * width + x) {
        var neighbours: [Double] = []
        for row in max(0, y - 1)...min(height - 1, y + 1) {
          for column in max(0, x - 1)...min(width - 1, x + 1) where (row, column) != (y, x) {
            neighbours.append(signal[row * width + column])
          }
        }
        guard !neighbours.isEmpty else { continue }
        let middle = neighbours.sorted()[neighbours.count / 2]
        if middle < threshold {
          unjudged += 1
        } else if signal[y * width + x] < Self.dead * middle {
          dead.insert(y * width + x)
        }
      }
    }
    return (dead, unjudged)
  }
}
