import Arrays

/// A per-pixel affine readout of batch-normalised intensities: every frame is divided by its mean intensity, then
/// F = G·(I − mean)/s + B, with the mean per pixel over the batch and s the mean over pixels of the batch's standard
/// deviation.
///
/// The division removes the laser's power and the detector's scale, so that statistics from the twin hold on the bench; a
/// fluctuation of one per cent, common to all pixels, would otherwise be taken for a brighter image. The bright background
/// of an intensity moves while the layers are trained; batch statistics follow it. After training ``frozen`` fixes them,
/// and the readout is a plain affine map of every pixel's share of the light.
public struct BatchNormalisedReadout: Readout, Codable, Equatable {
  /// Fixed statistics of the intensities.
  public struct Statistics: Sendable, Codable, Equatable {
    /// Per pixel.
    public var mean: [Float]
    /// One for all pixels.
    public var scale: Float
  }

  /// Per-pixel gain G.
  public var gain: [Float]
  /// Per-pixel bias B.
  public var bias: [Float]
  /// Used instead of the batch's own statistics when present.
  public var frozen: Statistics?

  /// - Parameter pixels: detector samples per image.
  public init(pixels: Int, gain: Float = 0.1) {
    self.gain = [Float](repeating: gain, count: pixels)
    bias = [Float](repeating: 0, count: pixels)
  }

  public var parameters: [Float] {
    get { gain + bias }
    set {
      guard newValue.count == 2 * gain.count else { return }
      bias = Array(newValue[gain.count...])
      gain = Array(newValue[..<gain.count])
    }
  }

  /// The statistics of a batch, and every pixel's standard deviation.
  public static func statistics(of intensities: Stack<Float>) -> (Statistics, deviations: [Float]) {
    statistics(ofRelative: relative(intensities).0)
  }

  /// Every frame divided by its mean intensity, and these means.
  private static func relative(_ intensities: Stack<Float>) -> (Stack<Float>, powers: [Float]) {
    var result = intensities
    let powers = (0..<intensities.count).map { plane in
      let range = intensities.range(ofPlane: plane)
      let mean = intensities.values[range].reduce(0, +) / Float(range.count)
      return max(mean, .leastNormalMagnitude)
    }
    for index in result.values.indices { result.values[index] /= powers[index / intensities.planeSize] }
    return (result, powers)
  }

  private static func statistics(ofRelative intensities: Stack<Float>) -> (Statistics, deviations: [Float]) {
    let pixels = intensities.planeSize
    let count = Float(max(1, intensities.count))
    var mean = [Float](repeating: 0, count: pixels)
    var square = [Float](repeating: 0, count: pixels)
    for plane in 0..<intensities.count {
      for pixel in 0..<pixels { mean[pixel] += intensities.values[plane * pixels + pixel] / count }
    }
    for plane in 0..<intensities.count {
      for pixel in 0..<pixels {
        let difference = intensities.values[plane * pixels + pixel] - mean[pixel]
        square[pixel] += difference * difference / count
      }
    }
    let deviations = square.map { max($0.squareRoot(), 1e-20) }
    return (Statistics(mean: mean, scale: deviations.reduce(0, +) / Float(pixels)), deviations)
  }

  /// A copy whose statistics are those of `intensities` from now on.
  public func freezing(on intensities: Stack<Float>) -> BatchNormalisedReadout {
    var copy = self
    copy.frozen = Self.statistics(of: intensities).0
    return copy
  }

  public func forward(_ intensities: Stack<Float>) -> ReadoutPass {
    let (intensities, powers) = Self.relative(intensities)
    let (batch, deviations) = frozen == nil ? Self.statistics(ofRelative: intensities) : (nil, [])
    let statistics = frozen ?? batch ?? Statistics(mean: [Float](repeating: 0, count: gain.count), scale: 1)
    let pixels = intensities.planeSize
    var normalised = intensities
    var output = intensities
    for plane in 0..<intensities.count {
      for pixel in 0..<pixels {
        let index = plane * pixels + pixel
        let value = (intensities.values[index] - statistics.mean[pixel]) / statistics.scale
        normalised.values[index] = value
        output.values[index] = gain[pixel] * value + bias[pixel]
      }
    }
    return ReadoutPass(
      output: output, normalised: normalised, scales: [statistics.scale], deviations: deviations,
      relative: intensities, powers: powers)
  }

  public func backward(
    _ pass: ReadoutPass, _ gradient: Stack<Float>
  ) -> (intensities: Stack<Float>, parameters: [Float]) {
    let pixels = gradient.planeSize
    let batch = gradient.count
    let scale = pass.scales.first ?? 1
    var result = gradient
    var gainGradient = [Float](repeating: 0, count: pixels)
    var biasGradient = [Float](repeating: 0, count: pixels)
    var scaleGradient: Float = 0
    var means = [Float](repeating: 0, count: pixels)
    for plane in 0..<batch {
      for pixel in 0..<pixels {
        let index = plane * pixels + pixel
        let value = gradient.values[index]
        gainGradient[pixel] += value * pass.normalised.values[index]
        biasGradient[pixel] += value
        let inner = value * gain[pixel]
        means[pixel] += inner / Float(batch)
        scaleGradient -= inner * pass.normalised.values[index] / scale
        result.values[index] = inner / scale
      }
    }
    if !pass.deviations.isEmpty {
      let factor = scaleGradient * scale / Float(batch * pixels)
      for plane in 0..<batch {
        for pixel in 0..<pixels {
          let index = plane * pixels + pixel
          result.values[index] += pass.normalised.values[index] * factor / pass.deviations[pixel] - means[pixel] / scale
        }
      }
    }
    return (Self.undoRelative(result, pass), gainGradient + biasGradient)
  }

  /// The gradient by the intensities from that by the relative ones, r = I/P: ∂L/∂I = (g − mean(g·r))/P.
  private static func undoRelative(_ gradient: Stack<Float>, _ pass: ReadoutPass) -> Stack<Float> {
    var result = gradient
    for plane in 0..<gradient.count {
      let range = gradient.range(ofPlane: plane)
      var projection: Float = 0
      for index in range { projection += gradient.values[index] * pass.relative.values[index] }
      projection /= Float(range.count)
      for index in range { result.values[index] = (gradient.values[index] - projection) / pass.powers[plane] }
    }
    return result
  }
}
