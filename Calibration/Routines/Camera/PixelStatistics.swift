import Devices

/// Mean and temporal variance of every pixel of a sensor over frames of the same scene, in the sensor's own numbers.
struct PixelStatistics: Sendable {
  let mean: [Double]
  /// With one degree of freedom less than there are frames; zeros for a single frame.
  let variance: [Double]
  let frames: Int

  init(_ frames: [Frame]) { self.init(frames, scales: [Double](repeating: 1, count: frames.count), dark: nil) }

  /// Of frames with light, whose power differs from frame to frame: what each frame has above the dark is first scaled to their mean.
  init(_ frames: [Frame], above dark: [Double]) {
    let mean = Self.mean(frames)
    let signal = zip(mean, dark).map { max(0, $0 - $1) }
    let power = signal.reduce(0) { $0 + $1 * $1 }
    let scales = frames.map { frame in
      var joint = 0.0
      for index in signal.indices { joint += signal[index] * (Double(frame.pixels[index]) - dark[index]) }
      return power > 0 && joint > 0 ? power / joint : 1
    }
    self.init(frames, scales: scales, dark: dark)
  }

  private init(_ frames: [Frame], scales: [Double], dark: [Double]?) {
    let mean = Self.mean(frames)
    var squares = [Double](repeating: 0, count: mean.count)
    for (frame, scale) in zip(frames, scales) {
      for index in squares.indices {
        let black = dark?[index] ?? 0
        let difference = (Double(frame.pixels[index]) - black) * scale - (mean[index] - black)
        squares[index] += difference * difference
      }
    }
    let freedom = Double(max(1, frames.count - 1))
    self.mean = mean
    self.frames = frames.count
    variance = squares.map { $0 / freedom }
  }

  private static func mean(_ frames: [Frame]) -> [Double] {
    var sums = [Double](repeating: 0, count: frames.first?.pixels.count ?? 0)
    for frame in frames { for index in sums.indices { sums[index] += Double(frame.pixels[index]) } }
    return sums.map { $0 / Double(max(1, frames.count)) }
  }
}
