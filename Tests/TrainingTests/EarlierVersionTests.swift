import Arrays
import Diffusion
import Foundation
import Optics
import Testing
import Training
import Twin

/// That models and checkpoints of version 0.1, whose recipes said less, are read, and mean what they meant then. The files
/// were written by that version.
@Suite struct EarlierVersionTests {
  private let description = SmallBench.cavity(grid: 20, layers: 2, images: 4, block: 4)

  private func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
  }

  @Test("a model is read and samples itself as it did", arguments: ["offline", "pat", "online"])
  func model(name: String) throws {
    let model = try DenoisingModel.load(from: fixture("\(name).odu")).model
    #expect(model.recipe == Recipe(edges: [0, 300, 600, 1000], batch: 5))
    #expect(model.sets.map { $0 != nil } == [false, true, true])
    let sampling = try model.sampling()
    #expect(sampling.clip == -1...1)
    #expect(sampling.contrast == .init(gain: 1.3, from: 160, mean: model.mean.map { Double($0) }))
    let sampler = try #require(sampling.sampler as? DDIMSampler)
    #expect(sampler.eta == 0)
    #expect(sampler.spacing == TimestepSpacing(.trailing, count: 50, first: 1000, last: 301))
  }

  @Test(
    "a training resumes from its checkpoint and ends with the model that it had then",
    arguments: [("offline", 5), ("pat", 12), ("online", 12)])
  func checkpoint(trainer: String, number: Int) async throws {
    let loaded = try #require(try ModelCheckpoint.load(from: fixture("\(trainer)-\(number).state")))
    let twin = try Twin<Float>(
      description, parameters: SmallBench.parameters(description, factor: 1.1), threads: 1)
    let bench = try twin.with(SmallBench.parameters(description))
    let material = try TrainingMaterial(
      training: bars(40, size: 4, seed: 1), test: bars(20, size: 4, seed: 2), name: "bars")
    let run = try ModelRun(
      recipe: .short(trainer, batch: 5, images: 60, benchSteps: 3, judging: 8, saveEvery: (2, 2)),
      material: material, twin: twin, bench: bench, seed: 1)
    let model = try await run.run(from: loaded.checkpoint, saveModel: { _ in }, report: { _ in })
    let then = try DenoisingModel.load(from: fixture("\(trainer).odu")).model
    for (set, earlier) in zip(model.sets, then.sets) {
      // Another processor rounds otherwise.
      let differences = zip(set?.phases.values ?? [], earlier?.phases.values ?? []).map { abs($0 - $1) }
      #expect((differences.max() ?? 0) < 1e-3)
      #expect(set?.firstStep == earlier?.firstStep)
    }
  }
}
