import Arrays
import Diffusion

/// The images that a denoiser learns, in −1…1, and their first statistics.
public struct DenoisingData: Sendable {
  /// `[count, size, size]` in −1…1.
  public let images: Stack<Float>
  /// The mean image.
  public let mean: [Float]
  /// The variance, averaged over pixels.
  public let variance: Float

  /// - Parameter images: values in 0…1.
  public init(images: Stack<Float>) {
    var scaled = images
    for index in scaled.values.indices { scaled.values[index] = 2 * images.values[index] - 1 }
    self.images = scaled
    let pixels = images.planeSize
    var mean = [Double](repeating: 0, count: pixels)
    var square = 0.0
    for (index, value) in scaled.values.enumerated() { mean[index % pixels] += Double(value) }
    mean = mean.map { $0 / Double(max(1, images.count)) }
    for (index, value) in scaled.values.enumerated() {
      let difference = Double(value) - mean[index % pixels]
      square += difference * difference
    }
    self.mean = mean.map { Float($0) }
    variance = Float(max(square / Double(max(1, scaled.values.count)), 1e-6))
  }

  /// A batch of noisy images at steps drawn evenly from `steps`: the same for the same random numbers.
  public func batch(
    _ count: Int, steps: ClosedRange<Int>, schedule: NoiseSchedule, random: CounterRandom
  ) -> NoisyBatch {
    let choice = random.stream(named: "choice")
    let indices = (0..<count).map { choice.integer(below: images.count, at: UInt64(2 * $0)) }
    let times = (0..<count).map { steps.lowerBound + choice.integer(below: steps.count, at: UInt64(2 * $0 + 1)) }
    let clean = images.planes(at: indices)
    var noise = clean
    random.stream(named: "noise").fillNormal(into: &noise.values)
    var noisy = clean
    for plane in 0..<count {
      let alphaBar = schedule.alphaBar(times[plane])
      let signal = Float(alphaBar.squareRoot())
      let spread = Float((1 - alphaBar).squareRoot())
      for index in clean.range(ofPlane: plane) {
        noisy.values[index] = signal * clean.values[index] + spread * noise.values[index]
      }
    }
    return NoisyBatch(
      clean: clean, noise: noise, noisy: noisy, alphaBars: times.map { schedule.alphaBar($0) }, steps: times)
  }
}

/// Images with noise at known steps.
public struct NoisyBatch: Sendable {
  /// x₀ in −1…1.
  public let clean: Stack<Float>
  /// ε.
  public let noise: Stack<Float>
  /// x_t = √ᾱ x₀ + √(1 − ᾱ) ε.
  public let noisy: Stack<Float>
  /// ᾱ of each image's step.
  public let alphaBars: [Double]
  public let steps: [Int]
}
