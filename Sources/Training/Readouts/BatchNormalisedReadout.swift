import Arrays
import Optics

/// A per-pixel affine readout of batch-normalised intensities: every frame is divided by its mean intensity, then
/// F = G·(I − mean)/s + B, with the mean per pixel over the batch and s the mean over pixels of the batch's standard
/// deviation.
///
/// The division removes the laser's power and the detector's scale, so that statistics from the twin hold on the bench; a
/// fluctuation of one per cent, common to all pixels, would otherwise be taken for a brighter image. The bright background
/// of an intensity moves while the layers are trained; batch statistics follow it. After training ``freezing(on:)`` fixes
/// them, and the readout is a plain affine map of every pixel's share of the light.
public struct BatchNormalisedReadout: PerPixelReadout, Codable, Equatable {
  /// Per-pixel gain G.
  public var gain: [Float]
  /// Per-pixel bias B.
  public var bias: [Float]
  /// Used instead of the batch's own statistics when present.
  public var statistics: ReadoutStatistics?

  public static var needsStatistics: Bool { true }

  /// - Parameter pixels: detector samples per image.
  public init(pixels: Int, gain: Float = 0.1) {
    self.gain = [Float](repeating: gain, count: pixels)
    bias = [Float](repeating: 0, count: pixels)
  }

  /// The statistics of a batch, and every pixel's standard deviation.
  public static func statistics(of intensities: Stack<Float>) -> (ReadoutStatistics, deviations: [Float]) {
    let batch = BatchStatistics(RelativeFrames(intensities).frames)
    return (ReadoutStatistics(mean: batch.mean, scale: batch.scale), batch.deviations)
  }

  public func freezing(on intensities: Stack<Float>) -> BatchNormalisedReadout {
    var copy = self
    copy.statistics = Self.statistics(of: intensities).0
    return copy
  }

  public func forward<Scalar: OpticsScalar>(_ intensities: Stack<Scalar>) -> ReadoutPass<Scalar> {
    let relative = RelativeFrames(intensities)
    let statistics: BatchStatistics<Scalar> =
      if let fixed = self.statistics {
        BatchStatistics(mean: fixed.mean.map { Scalar($0) }, scale: Scalar(fixed.scale))
      } else {
        BatchStatistics(relative.frames)
      }
    let normalised = statistics.normalise(relative.frames)
    return ReadoutPass(output: GainAndBias.forward(normalised, gains: gain, biases: bias)) { [gain] gradient in
      let (inner, parameters) = GainAndBias.pullback(gradient, images: normalised, gains: gain)
      return (relative.pullback(statistics.pullback(inner, normalised: normalised)), parameters)
    }
  }
}

extension ReadoutKind {
  public static let batchNormalised = ReadoutKind(
    "batchNormalised", "a trained gain and bias of each pixel, of batch-normalised intensities"
  ) { BatchNormalisedReadout(pixels: $0) }
}

/// Every frame divided by its mean intensity.
private struct RelativeFrames<Scalar: OpticsScalar>: Sendable {
  let frames: Stack<Scalar>
  /// The mean of each frame.
  let powers: [Scalar]

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ intensities: Stack<Scalar>) {
    var frames = intensities
    var powers: [Scalar] = []
    for plane in 0..<intensities.count {
      let range = intensities.range(ofPlane: plane)
      var sum: Scalar = 0
      for index in range { sum += intensities.values[index] }
      let power = max(sum / Scalar(range.count), .leastNormalMagnitude)
      for index in range { frames.values[index] /= power }
      powers.append(power)
    }
    self.frames = frames
    self.powers = powers
  }

  /// With r = I/P: ∂L/∂I = (g − mean(g·r))/P.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func pullback(_ gradient: Stack<Scalar>) -> Stack<Scalar> {
    var result = gradient
    for plane in 0..<gradient.count {
      let range = gradient.range(ofPlane: plane)
      var projection: Scalar = 0
      for index in range { projection += gradient.values[index] * frames.values[index] }
      projection /= Scalar(range.count)
      for index in range { result.values[index] = (gradient.values[index] - projection) / powers[plane] }
    }
    return result
  }
}

/// What frames are centred on and divided by.
private struct BatchStatistics<Scalar: OpticsScalar>: Sendable {
  /// Per pixel.
  let mean: [Scalar]
  /// One for all pixels: the mean of the deviations.
  let scale: Scalar
  /// The standard deviation of each pixel over the batch; empty for fixed statistics, which do not follow the frames.
  let deviations: [Scalar]

  init(mean: [Scalar], scale: Scalar) {
    self.mean = mean
    self.scale = scale
    deviations = []
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ frames: Stack<Scalar>) {
    let pixels = frames.planeSize
    let count = Scalar(max(1, frames.count))
    var mean = [Scalar](repeating: 0, count: pixels)
    var deviations = mean
    for index in frames.values.indices { mean[index % pixels] += frames.values[index] / count }
    for index in frames.values.indices {
      let difference = frames.values[index] - mean[index % pixels]
      deviations[index % pixels] += difference * difference / count
    }
    var sum: Scalar = 0
    for pixel in 0..<pixels {
      deviations[pixel] = max(deviations[pixel].squareRoot(), 1e-20)
      sum += deviations[pixel]
    }
    self.mean = mean
    self.deviations = deviations
    scale = sum / Scalar(pixels)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func normalise(_ frames: Stack<Scalar>) -> Stack<Scalar> {
    var result = frames
    for index in result.values.indices {
      result.values[index] = (frames.values[index] - mean[index % mean.count]) / scale
    }
    return result
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func pullback(_ gradient: Stack<Scalar>, normalised: Stack<Scalar>) -> Stack<Scalar> {
    let pixels = gradient.planeSize
    var result = gradient
    var means = [Scalar](repeating: 0, count: pixels)
    var projection: Scalar = 0
    for index in result.values.indices {
      result.values[index] /= scale
      means[index % pixels] += result.values[index] / Scalar(gradient.count)
      projection += gradient.values[index] * normalised.values[index]
    }
    guard !deviations.isEmpty else { return result }
    // ∂s/∂I = (I − mean)/(deviation·batch·pixels), and ∂L/∂s = −projection/s.
    let factor = projection / Scalar(gradient.count * pixels)
    for index in result.values.indices {
      let pixel = index % pixels
      result.values[index] -= means[pixel] + normalised.values[index] * factor / deviations[pixel]
    }
    return result
  }
}
