import Arrays
import Diffusion
import Fitting

/// What can be had without an optical unit: the mean image, and the best linear estimate of x₀, the Wiener filter of data
/// with this mean and covariance.
///
/// An x₀ error that is not below these is no success, however the curve looks. Images are in the scale of x₀.
public struct GaussianBaseline: Sendable {
  public let height: Int
  public let width: Int
  /// Per pixel.
  public let mean: [Double]
  /// Per pixel.
  public let variance: [Double]
  private let eigen: SymmetricEigen
  /// The mean square of the scored images' deviation from `mean` along every eigenvector.
  private let moments: [Double]

  /// Mean and covariance of `images`; errors are those on `scored`, or on `images` when nil.
  ///
  /// - Throws: ``ScoresError`` for fewer than two images, values that are not finite, and scored images of another size.
  public init(_ images: Stack<Float>, scored: Stack<Float>? = nil) throws {
    let scored = scored ?? images
    for (name, stack) in [("images", images), ("scored images", scored)] {
      guard stack.count >= 2, stack.height == images.height, stack.width == images.width, stack.planeSize > 0,
        stack.values.allSatisfy(\.isFinite)
      else {
        throw ScoresError.images(
          name: name, shape: [stack.count, stack.height, stack.width],
          expected: "at least two finite images of \(images.height) × \(images.width) pixels")
      }
    }
    height = images.height
    width = images.width
    let size = images.planeSize
    var mean = [Double](repeating: 0, count: size)
    for index in images.values.indices { mean[index % size] += Double(images.values[index]) }
    for index in mean.indices { mean[index] /= Double(images.count) }
    self.mean = mean
    let covariance = Self.secondMoments(of: images, about: mean)
    variance = (0..<size).map { covariance[$0 * size + $0] }
    eigen = SymmetricEigen(covariance, order: size)
    moments = Self.moments(along: eigen, of: Self.secondMoments(of: scored, about: mean), size: size)
  }

  /// The mean squared error, per pixel, of always answering the mean image.
  public var meanImageError: Double { moments.reduce(0, +) / Double(moments.count) }

  /// The mean squared error of x₀, per pixel, of the Wiener filter on x = √ᾱ·x₀ + √(1−ᾱ)·ε.
  public func wienerError(alphaBar: Double) -> Double {
    zip(eigen.values, moments).reduce(0) { sum, mode in
      let gain = Self.gain(mode.0, alphaBar)
      let lost = 1 - alphaBar.squareRoot() * gain
      return sum + lost * lost * mode.1 + (1 - alphaBar) * gain * gain
    } / Double(moments.count)
  }

  /// The mean of ``wienerError(alphaBar:)`` over the steps.
  public func wienerError(over steps: ClosedRange<Int>, of schedule: NoiseSchedule) -> Double {
    steps.reduce(0) { $0 + wienerError(alphaBar: schedule.alphaBar($1)) } / Double(steps.count)
  }

  /// The Wiener filter's estimate of x₀ for every plane of `x`.
  public func wienerEstimate(_ x: Stack<Double>, alphaBar: Double) -> Stack<Double> {
    let size = mean.count
    precondition(x.planeSize == size, "a state has the size of the data's images")
    let gains = eigen.values.map { Self.gain($0, alphaBar) }
    let signal = alphaBar.squareRoot()
    var estimate = x
    for plane in 0..<x.count {
      let centred = (0..<size).map { x.values[plane * size + $0] - signal * mean[$0] }
      var sum = mean
      for mode in 0..<size {
        var part = 0.0
        for pixel in 0..<size { part += eigen.vectors[mode * size + pixel] * centred[pixel] }
        part *= gains[mode]
        for pixel in 0..<size { sum[pixel] += part * eigen.vectors[mode * size + pixel] }
      }
      estimate.values.replaceSubrange(x.range(ofPlane: plane), with: sum)
    }
    return estimate
  }

  /// The filter as a denoiser, to sample from the best linear unit.
  public func denoiser(_ schedule: NoiseSchedule) -> Denoiser<Double> {
    { x, t in .image(wienerEstimate(x, alphaBar: schedule.alphaBar(t))) }
  }

  private static func gain(_ eigenvalue: Double, _ alphaBar: Double) -> Double {
    let power = max(0, eigenvalue)
    guard power > 0 else { return 0 }
    return alphaBar.squareRoot() * power / (alphaBar * power + 1 - alphaBar)
  }

  /// The mean of (x − mean)(x − mean)ᵀ.
  private static func secondMoments(of images: Stack<Float>, about mean: [Double]) -> [Double] {
    let size = mean.count
    var sum = [Double](repeating: 0, count: size * size)
    var centred = [Double](repeating: 0, count: size)
    sum.withUnsafeMutableBufferPointer { sum in
      for image in 0..<images.count {
        for pixel in 0..<size { centred[pixel] = Double(images.values[image * size + pixel]) - mean[pixel] }
        for row in 0..<size where centred[row] != 0 {
          let value = centred[row]
          for column in row..<size { sum[row * size + column] += value * centred[column] }
        }
      }
      for row in 0..<size {
        for column in row..<size {
          sum[row * size + column] /= Double(images.count)
          sum[column * size + row] = sum[row * size + column]
        }
      }
    }
    return sum
  }

  /// vᵀ·S·v for every eigenvector v.
  private static func moments(along eigen: SymmetricEigen, of second: [Double], size: Int) -> [Double] {
    (0..<size).map { mode in
      var total = 0.0
      for row in 0..<size {
        var sum = 0.0
        for column in 0..<size { sum += second[row * size + column] * eigen.vectors[mode * size + column] }
        total += sum * eigen.vectors[mode * size + row]
      }
      return total
    }
  }
}
