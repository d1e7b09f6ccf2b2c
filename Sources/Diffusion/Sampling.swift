import Arrays
import Glibc

/// What a denoiser says about a noisy stack.
public enum Prediction<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// ε, the noise in it.
  case noise(Stack<Scalar>)
  /// x₀, the images in it.
  case image(Stack<Scalar>)
}

/// Estimates noise or images from x_t at step t in 1…T.
public typealias Denoiser<Scalar: BinaryFloatingPoint & Sendable> =
  @Sendable (_ x: Stack<Scalar>, _ t: Int) async throws -> Prediction<Scalar>

/// Generation of images by a denoiser: a schedule, a sampler and what is done to the estimates of x₀.
///
/// The state is float64. The noise of an image depends on the seed, the number of the image and the step, so it is the same
/// however the images are split into batches.
public struct Sampling: Sendable {
  /// x̂₀ ← mean + gain·(x̂₀ − mean) for t ≥ `from`: makes up for estimates that are too flat.
  public struct ContrastGain: Sendable, Equatable {
    public var gain: Double
    public var from: Int
    /// The mean image of the data, one value per pixel.
    public var mean: [Double]

    public init(gain: Double, from: Int, mean: [Double]) {
      self.gain = gain
      self.from = from
      self.mean = mean
    }
  }

  public var schedule: NoiseSchedule
  public var sampler: any Sampler
  /// The range to which estimates of x₀ are clipped.
  public var clip: ClosedRange<Double>?
  /// Applied before the clip.
  public var contrast: ContrastGain?
  /// What is done to the states after each update.
  public var editing: (any Editing)?

  public init(
    schedule: NoiseSchedule, sampler: any Sampler, clip: ClosedRange<Double>? = nil, contrast: ContrastGain? = nil,
    editing: (any Editing)? = nil
  ) {
    self.schedule = schedule
    self.sampler = sampler
    self.clip = clip
    self.contrast = contrast
    self.editing = editing
  }

  /// The initial noise of `count` images from number `firstImage` on.
  public func noise(
    count: Int, height: Int, width: Int, random: CounterRandom, firstImage: Int = 0
  ) -> Stack<Double> {
    var noise = Stack<Double>(count: count, height: height, width: width)
    NoiseSource(random: random, firstImage: firstImage, planeSize: height * width).add(1, to: &noise.values, draw: 0)
    return noise
  }

  /// Leads the states `x`, at the noisiest step, to images.
  ///
  /// - Parameters:
  ///   - firstImage: the number of the first image of `x` among those of this seed.
  ///   - progress: called after every step with the steps done and their total, which grows with every jump.
  /// - Throws: what the denoiser throws, `CancellationError`, and ``DiffusionError`` for a prediction of another shape or
  ///   with NaN or infinity in it.
  public func images(
    from x: Stack<Double>, random: CounterRandom, firstImage: Int = 0, denoiser: Denoiser<Double>,
    progress: (@Sendable (Int, Int) -> Void)? = nil
  ) async throws -> Stack<Double> {
    if let contrast, contrast.mean.count != x.planeSize || !contrast.gain.isFinite {
      throw DiffusionError.argument(
        name: "contrast gain", found: "\(contrast.gain) about \(contrast.mean.count) pixels",
        expected: "a finite gain about a mean image of \(x.planeSize) pixels")
    }
    let visited = try sampler.timesteps(of: schedule)
    var course = Course(
      timesteps: visited + [0], schedule: schedule, random: random, firstImage: firstImage, planeSize: x.planeSize)
    var state = x
    while course.index < visited.count {
      try Task.checkCancellation()
      let t = course.timesteps[course.index]
      let estimate = try estimate(await denoiser(state, t), of: state, t: t)
      try course.advance(&state, estimate, by: sampler)
      try course.edit(&state, by: editing)
      progress?(course.updates, course.total)
    }
    return state
  }

  /// Images from noise, with a float32 denoiser.
  ///
  /// - Returns: `[count, height, width]` in the scale of the denoiser's x₀.
  public func images(
    count: Int, height: Int, width: Int, random: CounterRandom, firstImage: Int = 0,
    denoiser: @escaping Denoiser<Float>,
    progress: (@Sendable (Int, Int) -> Void)? = nil
  ) async throws -> Stack<Float> {
    let x = noise(count: count, height: height, width: width, random: random, firstImage: firstImage)
    let images = try await images(
      from: x, random: random, firstImage: firstImage,
      denoiser: { state, t in
        switch try await denoiser(Self.single(state), t) {
        case .noise(let noise): .noise(Self.double(noise))
        case .image(let image): .image(Self.double(image))
        }
      }, progress: progress)
    return Self.single(images)
  }

  private func estimate(_ prediction: Prediction<Double>, of state: Stack<Double>, t: Int) throws -> Estimate {
    let signal = schedule.alphaBar(t).squareRoot()
    let deviation = (1 - schedule.alphaBar(t)).squareRoot()
    let predicted: Stack<Double>
    switch prediction {
    case .noise(let noise): predicted = noise
    case .image(let image): predicted = image
    }
    guard (predicted.count, predicted.height, predicted.width) == (state.count, state.height, state.width) else {
      throw DiffusionError.prediction(
        t: t,
        reason: "has the shape [\(predicted.count), \(predicted.height), \(predicted.width)]; expected "
          + "[\(state.count), \(state.height), \(state.width)]")
    }
    guard predicted.values.allSatisfy(\.isFinite) else {
      throw DiffusionError.prediction(t: t, reason: "is not finite everywhere")
    }
    if case .noise(let noise) = prediction {
      var image = zip(state.values, noise.values).map { ($0 - deviation * $1) / signal }
      guard adjust(&image, t: t, planeSize: state.planeSize) else { return Estimate(image: image, noise: noise.values) }
      return Estimate(image: image, noise: zip(state.values, image).map { ($0 - signal * $1) / deviation })
    }
    var image = predicted.values
    _ = adjust(&image, t: t, planeSize: state.planeSize)
    return Estimate(image: image, noise: zip(state.values, image).map { ($0 - signal * $1) / deviation })
  }

  /// Contrast gain and clip; whether there was anything to do.
  private func adjust(_ image: inout [Double], t: Int, planeSize: Int) -> Bool {
    let gain = contrast.flatMap { t >= $0.from ? $0 : nil }
    if let gain {
      for index in image.indices {
        let mean = gain.mean[index % planeSize]
        image[index] = mean + gain.gain * (image[index] - mean)
      }
    }
    if let clip {
      for index in image.indices { image[index] = min(max(image[index], clip.lowerBound), clip.upperBound) }
    }
    return gain != nil || clip != nil
  }

  private static func single(_ stack: Stack<Double>) -> Stack<Float> {
    Stack(count: stack.count, height: stack.height, width: stack.width, values: stack.values.map { Float($0) })
  }

  private static func double(_ stack: Stack<Float>) -> Stack<Double> {
    Stack(count: stack.count, height: stack.height, width: stack.width, values: stack.values.map { Double($0) })
  }
}
