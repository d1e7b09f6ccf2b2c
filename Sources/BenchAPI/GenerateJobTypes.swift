import Catalogues

/// The parameters of a `generate` job.
public struct GenerateRequest: Codable, Sendable, Equatable {
  /// The id of the `train` job that made the model, or the path of a model file or of its folder.
  public var model: String
  /// `bench` or `twin`.
  public var on: String
  /// The sampler, such as `ddim`, and its steps; those of the model's recipe when absent.
  public var sampler: String?
  public var steps: Int?
  public var count: Int
  public var seed: UInt64?
  /// How much the contrast of estimates is raised at noisy steps, 1 for none; that of the model's recipe when absent.
  public var contrast: Double?

  public init(
    model: String, on: String, sampler: String? = nil, steps: Int? = nil, count: Int = JobDefaults.images,
    seed: UInt64? = nil,
    contrast: Double? = nil
  ) {
    self.model = model
    self.on = on
    self.sampler = sampler
    self.steps = steps
    self.count = count
    self.seed = seed
    self.contrast = contrast
  }
}

extension GenerateRequest {
  /// - Parameter samplers: their names.
  public static func declaration(samplers: [String]) -> Declaration {
    Declaration(
      "generate", "Makes images by the reverse diffusion through a trained model",
      parameters: [
        Parameter(
          "model", .text, "The id of a train job, or the path of a model as the daemon sees it", isRequired: true),
        Parameter("on", .choice(["bench", "twin"]), "What computes the denoising", isRequired: true),
        Parameter(
          "sampler", .choice(samplers), "The rule of the reverse diffusion; that of the model's recipe if empty"),
        Parameter("steps", .integer(1...100_000), "Denoising steps; those of the model's recipe if empty"),
        Parameter("count", .integer(1...65536), "How many images", standard: .integer(JobDefaults.images)),
        Parameter(
          "contrast", .number(0.1...10),
          "How much the contrast of estimates is raised at noisy steps, 1 for none; that of the model's recipe if empty"
        ),
        .seed,
      ])
  }
}

/// The result of a `generate` job; the images are the artefacts `samples.npy`, `[count, size, size]` in 0…1, and
/// `samples.png`.
public struct GenerateResult: Codable, Sendable, Equatable {
  public var shape: [Int]
  /// Frames taken from the bench.
  public var frames: Int
  public var sampler: String
  public var steps: Int
  /// The cleanest step visited; the image is the estimate made there.
  public var lastStep: Int
  public var contrast: Double

  public init(shape: [Int], frames: Int, sampler: String, steps: Int, lastStep: Int, contrast: Double) {
    self.shape = shape
    self.frames = frames
    self.sampler = sampler
    self.steps = steps
    self.lastStep = lastStep
    self.contrast = contrast
  }
}
