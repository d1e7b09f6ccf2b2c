import Arrays
import BenchAPI
import Catalogues
import Diffusion
import Files
import Foundation
import Jobs
import Measuring
import Optics
import ServiceCore
import Training
import Twin

/// Generates images by the reverse diffusion through the bench or the twin.
struct GenerateJob: JobRoutine {
  typealias Parameters = GenerateRequest
  static let kind = "generate"
  static let hasRoute = true
  private let request: GenerateRequest
  private var model: (model: DenoisingModel, damage: String?)?
  /// Pixels of all images together, at most. They are computed in several copies, half a gibibyte each in float64.
  private static let mostPixels = 1 << 26

  private let samplers: Catalogue<any Sampler.Type>

  /// - Parameter samplers: where the name of the sampler is looked up.
  init(_ parameters: GenerateRequest, samplers: Catalogue<any Sampler.Type>) throws {
    (request, self.samplers) = (parameters, samplers)
    if let sampler = request.sampler { _ = try samplers.member(named: sampler) }
  }

  var needsBench: Bool { request.on == "bench" }

  func prepared(_ preparation: JobPreparation) async throws -> GenerateJob {
    var prepared = self
    let (model, runs) = (request.model, preparation.runs)
    prepared.model = try await FileReading.run { try DenoisingModel.load(from: Self.path(of: model, runs: runs)) }
    return prepared
  }

  func run(in context: any JobHost) async throws -> GenerateResult {
    guard let (model, damage) = model else { throw ServiceError(.serviceFault, "the model was not read") }
    if let damage { context.log("the newest checkpoint was damaged, the one before it is used: \(damage)") }
    guard request.count <= Self.mostPixels / (model.imageSize * model.imageSize) else {
      throw ServiceError(
        .jobTooLarge,
        "count: \(request.count) images of \(model.imageSize) × \(model.imageSize) are too many for one job; ask for at "
          + "most \(Self.mostPixels / (model.imageSize * model.imageSize))")
    }
    let wishes = SamplingWishes(sampler: request.sampler, steps: request.steps, contrast: request.contrast)
    let (wanted, sampling) = (model.samplingRecipe(wishes), try model.sampling(wishes, samplers: samplers))
    let isBench = request.on == "bench"
    let present = try await context.calibratedBench()
    let inverse = present.inverse(for: model.meaning)
    context.say(inverse, on: present)
    let unit: any OpticalUnit =
      isBench
      ? try context.bench.unit.showing(inverse)
      : try Twin<Float>(
        present.description.showing(inverse), parameters: present.parameters, threads: context.threads)
    guard request.count * model.imageSize * model.imageSize * MemoryLayout<Float>.size <= context.frameBytes else {
      throw ServiceError(
        .jobTooLarge,
        "count: \(request.count) images of \(model.imageSize) × \(model.imageSize) pixels have more than "
          + "\(context.frameBytes >> 20) MiB; generate fewer at a time")
    }
    context.progress("generate", 0, of: wanted.steps)
    var images = try await sampling.images(
      count: request.count, height: model.imageSize, width: model.imageSize,
      random: CounterRandom(seed: request.seed ?? JobDefaults.seed).stream(named: "generation"),
      denoiser: try model.denoiser(on: unit)
    ) { done, total in context.progress("generate", done, of: total) }
    for index in images.values.indices { images.values[index] = min(max((images.values[index] + 1) / 2, 0), 1) }
    try context.write(images, as: "samples.npy")
    try context.write(Self.picture(of: images), as: "samples.png")
    return GenerateResult(
      shape: [images.count, images.height, images.width], frames: isBench ? request.count * wanted.steps : 0,
      sampler: wanted.sampler, steps: wanted.steps, lastStep: wanted.lastStep ?? model.endStep,
      contrast: wanted.contrast?.gain ?? 1)
  }

  /// All images side by side, or as many as fit into a picture.
  private static func picture(of images: Stack<Float>) throws -> [UInt8] {
    let shown = min(images.count, max(1, picturePixels / (scale * scale * images.planeSize)))
    let columns = max(1, Int(Double(shown).squareRoot().rounded(.up)))
    return try ImageGrid(images.planes(0..<shown), columns: columns, scale: scale).png()
  }

  private static let picturePixels = 16 << 20
  private static let scale = 3

  /// The file of a model, given as a run, a folder or a file.
  private static func path(of model: String, runs: URL) -> String {
    let run = runs.appendingPathComponent(model).appendingPathComponent(TrainJob.modelName).path
    if !model.contains("/"), AtomicFile.exists(run) { return run }
    return AtomicFile.isFolder(model) ? model + "/" + TrainJob.modelName : model
  }
}
