import Arrays
import ReadableNumbers

/// Noise that explains most of what the twin misses.
///
/// Neighbouring samples of a frame resemble each other as those of the twin's frames do, and noise makes them differ. What
/// the twin's frames have depends little on whether its parameters are right.
struct LightTrial: SuspicionTrial {
  /// The part of the refused discrepancy that noise must explain.
  private static let share = 0.5
  /// Frames of the twin to compare with.
  private static let frames = 8

  func examine(_ bench: SuspectBench) throws -> [Suspicion] {
    let data = bench.data
    let chosen = Array(data.fitted.prefix(Self.frames))
    guard let noise = try data.noise.map({ Self.share(of: $0, data, chosen) }) ?? Self.guess(bench, chosen) else {
      return []
    }
    // Frames of which noise is the part n of the variance correlate with the best twin by √(1 − n).
    let discrepancy = 1 - max(0, 1 - noise).squareRoot()
    guard discrepancy > Self.share * bench.refused else { return [] }
    return [
      Suspicion(
        kind: .light,
        words: "About \(brief(100 * min(1, noise))) % of the frames' variance is noise, which alone makes a "
          + "discrepancy of \(brief(discrepancy)): there is too little light. Lengthen the exposure, raise the "
          + "laser power, or take more frames of each pattern.")
    ]
  }

  /// The part of the frames' variance that is noise, where the camera's noise is known.
  private static func share(of noise: FrameNoise, _ data: FitData, _ frames: [Int]) -> Double {
    let shares = frames.map { frame in
      let values = data.frames.values[data.frames.range(ofPlane: frame)]
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return values.reduce(0) { $0 + noise.variance(at: $1) } / max(variance, .leastNormalMagnitude)
    }
    return shares.reduce(0, +) / Double(max(1, shares.count))
  }

  /// The same by the texture of the frames beside that of the twin's; nil where they tell nothing.
  private static func guess(_ bench: SuspectBench, _ frames: [Int]) throws -> Double? {
    let data = bench.data
    guard data.frames.width >= 3, data.frames.height >= 3 else { return nil }
    let computed = try frames.map { frame in
      try bench.twin.forward(layers: data.patterns[frame], inputs: data.input(of: frame), block: data.block)
    }
    let texture = computed.map(roughness).reduce(0, +) / Double(frames.count)
    let measured = frames.map { roughness(data.frames.planes(at: [$0])) }.reduce(0, +) / Double(frames.count)
    let noise = (measured - texture) / (1 - texture)
    return noise.isFinite && noise > 0 && noise < 1.5 ? noise : nil
  }

  /// The part of the variance in differences of second order along both axes: 1 for white noise.
  private static func roughness(_ frame: Stack<Double>) -> Double {
    let count = Double(frame.planeSize)
    let mean = frame.values.reduce(0, +) / count
    let variance = frame.values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    var sum = 0.0
    for y in 1..<frame.height - 1 {
      for x in 1..<frame.width - 1 {
        func along(_ row: Int) -> Double { frame[0, row, x - 1] - 2 * frame[0, row, x] + frame[0, row, x + 1] }
        let difference = along(y - 1) - 2 * along(y) + along(y + 1)
        sum += difference * difference
      }
    }
    // The squares of the weights 1, −2, 1 along both axes add up to 36.
    return sum / (36 * Double((frame.width - 2) * (frame.height - 2)) * max(variance, .leastNormalMagnitude))
  }
}
