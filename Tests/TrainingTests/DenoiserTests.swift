import Arrays
import Diffusion
import Optics
import Testing
import Training
import Twin

@Suite struct DenoiserTests {
  private let description = SmallBench.cavity(grid: 48, layers: 3, block: 4)
  private let data = DenoisingData(images: bars(40, size: 10, seed: 1))

  /// A model of one set whose statistics were measured on the twin.
  private func model(on twin: Twin<Float>) async throws -> DenoisingModel {
    let recipe = Recipe(edges: [0, 300, 1000], batch: 8)
    let method = try Method(recipe)
    let random = CounterRandom(seed: 2)
    let set = method.freshSet(
      steps: 301...1000, phases: recipe.initialPhases(for: twin, random: random), pixels: 100)
    var model = DenoisingModel(
      recipe: recipe, mean: data.mean, imageSize: 10, dataset: "bars", parameters: twin.parameters)
    model.sets[1] = try await set.freezing(
      on: twin, method: method, data: data, schedule: try NoiseSchedule(), count: 16, random: random)
    return model
  }

  private func prediction(_ denoiser: Denoiser<Float>, _ noisy: Stack<Float>) async throws -> [Float] {
    guard case .image(let image) = try await denoiser(noisy, 500) else { return [] }
    return image.values
  }

  @Test("a model measured on the twin predicts the same on a bench with another scale")
  func scale() async throws {
    let twin = try Twin<Float>(description)
    let model = try await model(on: twin)
    let noisy = data.batch(16, steps: 301...1000, schedule: try NoiseSchedule(), random: CounterRandom(seed: 7)).noisy
    let onTwin = try await prediction(try model.denoiser(on: twin), noisy)
    // This bench has another gain and no noise.
    let onBench = try await prediction(try model.denoiser(on: NoisyUnit(twin: twin, noise: 0)), noisy)
    let difference = zip(onTwin, onBench).map { abs($0 - $1) }.max() ?? 1
    #expect(onTwin.count == 1600 && difference < 1e-3)
    #expect(zip(onTwin, data.mean).contains { abs($0 - $1) > 0.1 })
  }

  @Test("a detector that does not give one sample for each pixel is refused, in training and in use")
  func detectorShape() async throws {
    var other = description
    other.detector.block = 2
    let twin = try Twin<Float>(other)
    let material = try TrainingMaterial(
      training: bars(40, size: 10, seed: 1), test: bars(20, size: 10, seed: 2), name: "bars")
    let expected = TrainingError.detector(
      height: 20, width: 20, size: 10, readout: "batchNormalised", samplesPerPixel: 1)
    #expect(throws: expected) {
      try ModelRun(recipe: Recipe(edges: [0, 300, 1000]), material: material, twin: twin, bench: nil, seed: 1)
    }
    let denoiser = try await model(on: try Twin<Float>(description)).denoiser(on: twin)
    await #expect(throws: expected) { try await denoiser(Stack(count: 1, height: 10, width: 10), 500) }
  }

  @Test("a step without a trained set is refused before anything is measured")
  func missingSet() async throws {
    let twin = try Twin<Float>(description)
    let denoiser = try await model(on: twin).denoiser(on: twin)
    await #expect(throws: TrainingError.noLayerSet(step: 300)) {
      try await denoiser(Stack(count: 1, height: 10, width: 10), 300)
    }
  }
}
