import Arrays
import BenchTestKit
import Catalogues
import Concurrency
import Diffusion
import Measuring
import Optics
import Training
import Twin

/// The paper's bench on few samples: the same 2.392 mm, 17.1 mm gap and milliradians.
enum SmallBench {
  static func cavity(grid: Int, layers: Int = 4, images: Int = 10, block: Int) -> TwinDescription {
    let offset = (grid - images * block) / 2
    let side = images * block
    return TwinDescription(
      geometry: GeometryDescription(
        kind: .cavity, wavelength: 850e-9, pitch: 2.392e-3 / Double(grid), grid: grid, layers: layers,
        distance: 17.1e-3, padding: 1.5),
      input: InputDescription(size: images, block: block),
      detector: DetectorDescription(block: block, region: Region(x: offset, y: offset, width: side, height: side)))
  }

  /// Angles of milliradians; the gap off by `gap` metres.
  static func parameters(_ twin: TwinDescription, factor: Double = 1, gap: Double = 0) -> TwinParameters {
    var parameters = TwinParameters(nominalFor: twin.geometry)
    parameters["mirrorTiltX"] = factor * 0.8e-3
    parameters["mirrorTiltY"] = factor * -0.5e-3
    parameters["beamTiltX"] = factor * 1.6e-3
    parameters["beamTiltY"] = factor * -1.1e-3
    parameters["mirrorGap"] += gap
    return parameters
  }
}

extension Recipe {
  /// A recipe that costs little: some images on the twin, then, unless the trainer is `offline`, a few steps on the bench.
  static func short(
    _ trainer: String, edges: [Int] = [0, 300, 600, 1000], batch: Int = 10, images: Int, benchSteps: Int, judging: Int,
    saveEvery: (twin: Int, bench: Int) = (25, 2)
  ) throws -> Recipe {
    var recipe = Recipe(
      edges: edges, batch: batch, judging: Judging(freezingImages: judging, evaluationImages: judging))
    (recipe.stages[0].saveEvery, recipe.stages[1].saveEvery) = saveEvery
    return try recipe.training(by: trainer).spending(images: images, benchSteps: benchSteps)
  }
}

extension Trainer {
  /// A trainer as a training makes it.
  static func made(
    _ twin: Twin<Float>, bench: (any OpticalUnit)? = nil, steps: Int = 40, options: [String: Parameter.Value] = [:]
  ) throws -> Self {
    try Self(
      TrainerSetup(
        twin: twin, bench: bench, steps: steps, random: CounterRandom(seed: 0),
        options: Options(options, of: declaration)))
  }
}

/// Bars of random position and direction, dark on bright: images that can be learnt.
func bars(_ count: Int, size: Int, seed: UInt64) -> Stack<Float> {
  let random = CounterRandom(seed: seed)
  var images = Stack<Float>(count: count, height: size, width: size)
  for plane in 0..<count {
    let position = 1 + random.integer(below: size - 3, at: UInt64(2 * plane))
    let isUpright = random.integer(below: 2, at: UInt64(2 * plane + 1)) == 0
    for along in 1..<size - 1 {
      for width in 0..<2 {
        let across = position + width
        if isUpright { images[plane, along, across] = 1 } else { images[plane, across, along] = 1 }
      }
    }
  }
  return images
}

/// A twin as a bench whose camera counts and is noisy.
struct NoisyUnit: OpticalUnit {
  let twin: Twin<Float>
  /// Standard deviation of the noise in units of each frame's mean.
  let noise: Double
  var gain: Float = 250
  /// Measurements so far: as with a camera, the same layers do not give the same noise twice.
  private let taken = Locked<UInt64>(0)

  init(twin: Twin<Float>, noise: Double, gain: Float = 250) {
    self.twin = twin
    self.noise = noise
    self.gain = gain
  }

  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    var frames = try await twin.intensities(layers: layers, inputs: inputs, block: block)
    let layersSeed = layers.values.enumerated().reduce(0) {
      $0 &* 31 &+ UInt64($1.element.bitPattern) &+ UInt64($1.offset)
    }
    let count = taken.withLock { count in
      count += 1
      return count
    }
    let random = CounterRandom(seed: layersSeed).child(count)
    let mean = frames.values.reduce(0, +) / Float(frames.values.count)
    for index in frames.values.indices {
      let value = frames.values[index] + mean * Float(noise * random.normal(at: UInt64(index)))
      frames.values[index] = gain * max(0, value)
    }
    return Measured(intensities: frames)
  }
}

/// A camera that sees noise and nothing else.
func blind(_ twin: Twin<Float>) -> AlteredUnit {
  AlteredUnit(twin) { frames, layers in
    let seed = layers.values.enumerated().reduce(0) { $0 &* 31 &+ UInt64($1.element.bitPattern) &+ UInt64($1.offset) }
    let random = CounterRandom(seed: seed)
    for index in frames.values.indices { frames.values[index] = Float(random.uniform(at: UInt64(index))) }
  }
}

/// A camera that clips.
func clipping(_ twin: Twin<Float>, at limit: Float) -> AlteredUnit {
  AlteredUnit(twin, saturation: limit) { frames, _ in
    for index in frames.values.indices { frames.values[index] = min(limit, frames.values[index]) }
  }
}
