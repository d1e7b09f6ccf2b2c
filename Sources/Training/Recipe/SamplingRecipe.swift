import Catalogues

/// How images are generated with a model unless something else is asked for.
public struct SamplingRecipe: Sendable, Codable, Equatable {
  /// The name of the sampler, and what it is given.
  public var sampler: String
  public var options: [String: Parameter.Value]
  /// Steps of the sampler.
  public var steps: Int
  /// The cleanest step that may be visited; that of the cleanest trained set when nil or when it is trained no further.
  public var lastStep: Int?
  /// Estimates of x₀ are clipped to −clip…clip; not when nil.
  public var clip: Double?
  public var contrast: Contrast?

  /// x̂₀ becomes µ + gain·(x̂₀ − µ) at step `from` and above, with µ the mean image.
  public struct Contrast: Sendable, Codable, Equatable {
    public var gain: Double
    public var from: Int

    public init(gain: Double, from: Int) { (self.gain, self.from) = (gain, from) }
  }

  public init(
    sampler: String = "ddim", options: [String: Parameter.Value] = [:], steps: Int = 50, lastStep: Int? = nil,
    clip: Double? = 1, contrast: Contrast? = Contrast(gain: 1.3, from: 160)
  ) {
    (self.sampler, self.options, self.steps) = (sampler, options, steps)
    (self.lastStep, self.clip, self.contrast) = (lastStep, clip, contrast)
  }
}
