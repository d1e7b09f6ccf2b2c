import BenchAPI
import Diffusion
import Foundation
import Synchronization
import Training
import Twin

/// Trains all layer sets: on the twin, then on the bench. The model is saved after every set.
struct TrainJob: JobRoutine {
  static let kind = "train"
  /// The artefact that holds the model.
  static let modelName = "model.odu"
  private let request: TrainRequest
  private let plan: ModelTraining.Plan

  init(_ parameters: TrainRequest) throws {
    guard let mode = ModelTraining.Mode(rawValue: parameters.mode) else {
      let modes = ModelTraining.Mode.allCases.map(\.rawValue).joined(separator: ", ")
      throw ServiceError.invalid("mode: there is no \"\(parameters.mode)\"; there are \(modes)")
    }
    _ = try DatasetSource(parsing: parameters.dataset)
    var plan = ModelTraining.Plan(mode: mode)
    if let images = parameters.offlineImages {
      guard (1...100_000_000).contains(images) else {
        throw ServiceError.invalid("offlineImages: \(images) is not in 1…10⁸")
      }
      plan.offlineImages = images
    }
    if let steps = parameters.benchSteps {
      guard (0...1_000_000).contains(steps) else { throw ServiceError.invalid("benchSteps: \(steps) is not in 0…10⁶") }
      plan.benchSteps = steps
    }
    request = parameters
    self.plan = plan
  }

  func run(in context: JobContext) async throws -> TrainResult {
    let seed = request.seed ?? 1
    let description = context.bench.file.twin
    let material = try TrainingMaterial.load(
      dataset: request.dataset, classes: request.classes, size: description.input.size, seed: seed)
    context.log("\(material.training.images.count) images of \(material.name)")
    let twin = try Twin<Float>(description, parameters: context.presentParameters(), threads: context.threads)
    context.log("the twin computes by \(twin.engineName) on \(twin.threads) threads")
    let training = ModelTraining(
      plan: plan, recipe: .recognisable, material: material, twin: twin, bench: context.bench.unit, seed: seed)
    let outcomes = Mutex<[SetOutcome]>([])
    let path = context.directory.appendingPathComponent(Self.modelName).path
    _ = try await training.run {
      try $0.save(to: path)
    } report: { event in
      switch event {
      case .step(let onBench, let done, let total, let set, let step):
        let phase = onBench ? "train on bench" : "train on twin"
        context.progress(phase, done, of: total)
        var values = ["loss": step.loss, "error": step.error]
        values["discrepancy"] = step.discrepancy?.pearson
        context.metrics("set \(set) \(onBench ? "bench" : "twin")", step: step.index, values)
      case .finished(let outcome):
        outcomes.withLock { $0.append(outcome) }
        context.log(outcome.line)
      }
    }
    try context.publish(Self.modelName)
    let sets = outcomes.withLock { $0 }
    return TrainResult(
      sets: sets.map(TrainResult.LayerSet.init), frames: sets.reduce(0) { $0 + $1.frames },
      offlineImages: training.offlineImageCount)
  }
}

extension SetOutcome {
  fileprivate var line: String {
    func short(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
    return """
      steps \(firstStep)…\(lastStep): error \(short(error)) (after the twin alone \(short(errorAfterTwin)), \
      Wiener \(short(wiener)), mean image \(short(meanImage)))
      """
  }
}

extension TrainResult.LayerSet {
  init(_ outcome: SetOutcome) {
    self.init(
      firstStep: outcome.firstStep, lastStep: outcome.lastStep, errorAfterTwin: outcome.errorAfterTwin,
      error: outcome.error, meanImage: outcome.meanImage, wiener: outcome.wiener)
  }
}
