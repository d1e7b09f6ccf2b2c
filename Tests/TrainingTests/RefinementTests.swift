import Arrays
import Optics
import Testing
import Training
import Twin

@Suite struct RefinementTests {
  private let description = SmallBench.cavity(grid: 64, block: 4)

  /// Squares of π on each layer: what the calibration shows, too.
  private func layers(_ seed: UInt64) -> Stack<Float> {
    let random = CounterRandom(seed: seed)
    var phases = Stack<Float>(count: 4, height: 64, width: 64)
    for square in 0..<40 {
      let start = UInt64(3 * square)
      let side = 5 + random.integer(below: 10, at: start)
      let (left, top) = (
        random.integer(below: 64 - side, at: start + 1), random.integer(below: 64 - side, at: start + 2)
      )
      for y in top..<top + side { for x in left..<left + side { phases[square / 10, y, x] = .pi } }
    }
    return phases
  }

  @Test("refinement leads angles that are 20 % high and a wrong gap to those of the bench")
  func convergence() throws {
    let truth = SmallBench.parameters(description)
    let bench = try Twin<Float>(description, parameters: truth)
    let start = SmallBench.parameters(description, factor: 1.2, gap: 0.1e-3)
    let steps = 150
    var refinement = try TwinRefinement(
      twin: try bench.with(start), sampling: 1, rate: CosineRate(peak: 1, final: 0.02), totalSteps: steps)
    var losses: [Double] = []
    for step in 0..<steps {
      let layers = layers(UInt64(step))
      let inputs = Stack<Float>.uniformImages(4, 10, seed: UInt64(step))
      var measured = try bench.forward(layers: layers, inputs: inputs, block: 1)
      for index in measured.values.indices { measured.values[index] *= 250 }
      losses.append(try refinement.refine(layers: layers, inputs: inputs, measured: measured))
    }
    for parameter in truth.free {
      let error = abs(refinement.twin.parameters[parameter.name] - parameter.value)
      #expect(error < (parameter.unit == "m" ? 20e-6 : 0.01 * abs(parameter.value)), "\(parameter.name): \(error)")
    }
    let (first, last) = (losses.prefix(10).max() ?? 0, losses.suffix(10).max() ?? 1)
    #expect(last < first / 100)
  }

  @Test("refinement moves only the parameters it was given, at most one scale a step, within their bounds")
  func limits() throws {
    let bench = try Twin<Float>(description, parameters: SmallBench.parameters(description))
    let start = SmallBench.parameters(description, factor: 1.2)
    var refinement = try TwinRefinement(
      twin: try bench.with(start), sampling: 1, names: ["beamTiltX"], rate: CosineRate(peak: 50, final: 1),
      totalSteps: 10,
      stepsPerBatch: 1)
    let inputs = Stack<Float>.uniformImages(4, 10, seed: 1)
    let measured = try bench.forward(layers: layers(1), inputs: inputs, block: 1)
    var before = start
    for _ in 0..<10 {
      try refinement.refine(layers: layers(1), inputs: inputs, measured: measured)
      let after = refinement.twin.parameters
      for parameter in before.all {
        let change = abs(after[parameter.name] - parameter.value)
        #expect(parameter.name == "beamTiltX" ? change <= 1.0001 * parameter.scale : change == 0)
        #expect((parameter.minimum...parameter.maximum).contains(after[parameter.name]))
      }
      before = after
    }
    #expect(before["beamTiltX"] != start["beamTiltX"])
  }

  @Test("the loss of a refinement is the same whatever the camera's gain")
  func gain() throws {
    let bench = try Twin<Float>(description, parameters: SmallBench.parameters(description))
    let start = SmallBench.parameters(description, factor: 1.2)
    let inputs = Stack<Float>.uniformImages(4, 10, seed: 1)
    let measured = try bench.forward(layers: layers(1), inputs: inputs, block: 1)
    let losses = try [Float(1), 4096].map { gain in
      var refinement = try TwinRefinement(twin: try bench.with(start), sampling: 1, totalSteps: 10)
      var frames = measured
      for index in frames.values.indices { frames.values[index] *= gain }
      return try refinement.refine(layers: layers(1), inputs: inputs, measured: frames)
    }
    #expect(losses[0] > 0.01)
    #expect(abs(losses[1] / losses[0] - 1) < 1e-6)
  }
}

extension Stack where Scalar == Float {
  static func uniformImages(_ count: Int, _ size: Int, seed: UInt64) -> Stack {
    let random = CounterRandom(seed: seed).stream(named: "images")
    return Stack(
      count: count, height: size, width: size,
      values: (0..<count * size * size).map { Float(random.uniform(in: 0.2...1, at: UInt64($0))) })
  }
}
