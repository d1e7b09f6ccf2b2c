import Catalogues

/// A rule that leads from noise to images in a number of steps.
///
/// Every rule here is linear in what the denoiser said and in the states that it has been through: a sampler only names the
/// steps and the coefficients, and ``Sampling`` does the rest. A new sampler is one file and a line in ``SamplerCatalogue``.
public protocol Sampler: Sendable {
  /// Its name, and what ``init(spacing:options:)`` can be given.
  static var declaration: Declaration { get }

  /// - Parameter options: of the declared parameters.
  init(spacing: TimestepSpacing, options: Options) throws

  /// States before the present one that its updates refer to.
  static var keptStates: Int { get }

  /// The steps at which the denoiser is asked, falling. After the last one comes t = 0, the image.
  func timesteps(of schedule: NoiseSchedule) throws -> [Int]

  /// The coefficients of a step.
  func update(_ step: SamplerStep) -> SamplerUpdate
}

extension Sampler {
  public static var keptStates: Int { 0 }
}

/// A step of a sampler: from one of its timesteps to the next.
public struct SamplerStep: Sendable {
  /// Those of ``Sampler/timesteps(of:)`` with a 0 at the end.
  public let timesteps: [Int]
  public let schedule: NoiseSchedule
  /// The step goes from `timesteps[index]` to `timesteps[index + 1]`.
  public let index: Int
  /// How many steps lie directly before this one, whose estimates and states can be used: 0 at the start and after a jump.
  public let past: Int

  public init(_ index: Int, timesteps: [Int], schedule: NoiseSchedule, past: Int? = nil) {
    (self.timesteps, self.schedule, self.index) = (timesteps, schedule, index)
    self.past = past ?? index
  }

  /// Where the step starts and ends.
  public var from: Int { timesteps[index] }
  public var to: Int { timesteps[index + 1] }

  /// Where the step started that was `count` steps before this one.
  public func timestep(before count: Int) -> Int { timesteps[index - count] }
}

/// Σ_k image[k]·x̂₀(k) + Σ_k noise[k]·ε̂(k) + Σ_k state[k]·x(k), where (k) is what the denoiser said k steps ago and the state
/// of which it said it.
///
/// x̂₀ and ε̂ of one step always fit the state that the denoiser saw: x_t = √ᾱ_t·x̂₀ + √(1−ᾱ_t)·ε̂.
public struct Combination: Sendable, Equatable {
  public var image: [Double]
  public var noise: [Double]
  public var state: [Double]

  public init(image: [Double] = [], noise: [Double] = [], state: [Double] = []) {
    (self.image, self.noise, self.state) = (image, noise, state)
  }
}

/// What a sampler does once the denoiser has been asked: x_s = next + fresh·z, where z is new standard normal noise.
public struct SamplerUpdate: Sendable, Equatable {
  /// What the present state is corrected to before anything else, when the rule has a corrector. Its `state[0]` is the state
  /// that the denoiser saw. From then on the corrected one is kept as x(k).
  public var correction: Combination?
  /// Its `state[0]` is the present state, corrected when there is a correction.
  public var next: Combination
  public var fresh: Double

  public init(correction: Combination? = nil, next: Combination, fresh: Double = 0) {
    (self.correction, self.next, self.fresh) = (correction, next, fresh)
  }

  public init(image: [Double], noise: [Double], fresh: Double = 0) {
    self.init(next: Combination(image: image, noise: noise), fresh: fresh)
  }
}
