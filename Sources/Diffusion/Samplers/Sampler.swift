/// A rule that leads from noise to images in a number of steps.
///
/// Every rule here is linear in what the denoiser said: a sampler only names the steps and the coefficients, and
/// ``Sampling`` does the rest. A new sampler is one file.
public protocol Sampler: Sendable {
  /// The steps at which the denoiser is asked, falling. After the last one comes t = 0, the image.
  func timesteps(of schedule: NoiseSchedule) throws -> [Int]

  /// The coefficients of step `index`.
  ///
  /// - Parameters:
  ///   - timesteps: those of ``timesteps(of:)`` with a 0 at the end, so the step goes from `timesteps[index]` to
  ///     `timesteps[index + 1]`.
  func update(_ index: Int, timesteps: [Int], schedule: NoiseSchedule) -> SamplerUpdate
}

/// x_s = Σ_k image[k]·x̂₀(k) + Σ_k noise[k]·ε̂(k) + fresh·z, where (k) is what the denoiser said k steps ago and z is new
/// standard normal noise.
///
/// x̂₀ and ε̂ of one step always fit its state: x_t = √ᾱ_t·x̂₀ + √(1−ᾱ_t)·ε̂.
public struct SamplerUpdate: Sendable, Equatable {
  public var image: [Double]
  public var noise: [Double]
  public var fresh: Double

  public init(image: [Double], noise: [Double], fresh: Double = 0) {
    self.image = image
    self.noise = noise
    self.fresh = fresh
  }
}
