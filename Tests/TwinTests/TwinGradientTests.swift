import Arrays
import Optics
import Testing
import Twin

@Suite struct TwinGradientTests {
  struct Case: Sendable, CustomStringConvertible {
    let name: String
    let twin: TwinDescription
    var block: Int?

    var description: String { name }
  }

  static let cases: [Case] = GeometryDescription.Kind.allCases.flatMap { kind in
    let region = Region(x: 4, y: 6, width: 24, height: 16)
    return [
      Case(name: "\(kind)", twin: .small(kind)),
      Case(name: "\(kind), one layer", twin: .small(kind, layers: 1)),
      Case(name: "\(kind), odd grid", twin: .small(kind, grid: 27, input: InputDescription(size: 5, block: 5))),
      Case(name: "\(kind), un-padded with band limit", twin: .small(kind, padding: 1, bandLimit: true)),
      Case(name: "\(kind), sampling 2", twin: .small(kind, padding: 1.5, sampling: 2)),
      Case(
        name: "\(kind), intensity, region and blocks",
        twin: .small(
          kind, input: InputDescription(size: 6, block: 4, encoding: .intensity),
          detector: DetectorDescription(block: 4, region: region))),
      Case(
        name: "\(kind), phase, sampling 2, other blocks than its own",
        twin: .small(
          kind, sampling: 2, input: InputDescription(size: 5, block: 5, encoding: .phase),
          detector: DetectorDescription(block: 4, region: region)), block: 2),
    ]
  }

  /// A bench off its alignment, with a smooth loss of its intensities.
  private struct Problem {
    let twin: Twin<Double>
    let layers: Stack<Double>
    let inputs: Stack<Double>
    let block: Int?
    let weights: Stack<Double>
    let tape: Tape<Double>

    init(_ test: Case) throws {
      let geometry = test.twin.geometry
      twin = try Twin(test.twin, parameters: .misaligned(geometry))
      layers = .normal(geometry.layers, geometry.grid, seed: 1)
      inputs = .uniform(3, test.twin.input.size, seed: 2)
      block = test.block
      tape = try twin.record(layers: layers, inputs: inputs, block: block)
      let random = CounterRandom(seed: 3)
      weights = Stack(
        count: 3, height: tape.intensities.height, width: tape.intensities.width,
        values: tape.intensities.values.indices.map { random.normal(at: UInt64($0)) })
    }

    /// Σ w(I + I²/2).
    func loss(_ twin: Twin<Double>, _ layers: Stack<Double>) throws -> Double {
      let intensities = try twin.forward(layers: layers, inputs: inputs, block: block)
      return zip(intensities.values, weights.values).reduce(0) { $0 + $1.1 * ($1.0 + $1.0 * $1.0 / 2) }
    }

    func gradient(ofParameters: Bool) throws -> TwinGradient<Double> {
      var slope = weights
      for index in slope.values.indices { slope.values[index] *= 1 + tape.intensities.values[index] }
      return try twin.gradient(tape, intensityGradient: slope, ofParameters: ofParameters)
    }
  }

  @Test(
    "the gradient by the phases agrees with central differences, pixel by pixel and along a random direction",
    arguments: cases)
  func phases(test: Case) throws {
    let problem = try Problem(test)
    let gradient = try problem.gradient(ofParameters: false).layers
    func difference(along direction: Stack<Double>, step: Double) throws -> Double {
      let there = try problem.loss(problem.twin, problem.layers.adding(direction, times: step))
      let back = try problem.loss(problem.twin, problem.layers.adding(direction, times: -step))
      return (there - back) / (2 * step)
    }
    let direction = Stack<Double>.normal(problem.layers.count, problem.layers.height, seed: 4)
    let along = try difference(along: direction, step: 1e-5)
    #expect(abs(gradient.inner(direction) / along - 1) < 1e-5)

    let largest = gradient.values.map { abs($0) }.max() ?? 0
    #expect(largest > 0)
    for index in stride(from: 11, to: gradient.values.count, by: gradient.values.count / 7) {
      var single = Stack<Double>(count: direction.count, height: direction.height, width: direction.width)
      single.values[index] = 1
      #expect(abs(try difference(along: single, step: 1e-4) - gradient.values[index]) < 1e-5 * largest)
    }
  }

  @Test("the gradient by every alignment parameter agrees with central differences", arguments: cases)
  func parameters(test: Case) throws {
    let problem = try Problem(test)
    let gradient = try problem.gradient(ofParameters: true)
    let names = TwinParameters(nominalFor: test.twin.geometry).free.map(\.name)
    #expect(Set(gradient.parameters.keys) == Set(names), "every parameter has a gradient")
    #expect(gradient.layers == (try problem.gradient(ofParameters: false).layers))
    for parameter in problem.twin.parameters.free {
      let step = 3e-3 * parameter.scale
      func moved(_ step: Double) throws -> Double {
        var parameters = problem.twin.parameters
        parameters[parameter.name] += step
        return try problem.loss(try problem.twin.with(parameters), problem.layers)
      }
      // Central differences at two steps, combined so that their error falls with the fourth power of the step.
      let near = (try moved(step) - moved(-step)) / (2 * step)
      let far = (try moved(2 * step) - moved(-2 * step)) / (4 * step)
      let difference = (4 * near - far) / 3
      let computed = try #require(gradient.parameters[parameter.name])
      if test.twin.geometry.layers == 1, parameter.name.hasPrefix("mirrorTilt") {
        #expect(computed == 0 && difference == 0, "the last hop of a cavity meets no mirror tilt")
      } else {
        #expect(abs(computed / difference - 1) < 1e-5, "\(parameter.name): \(computed), by differences \(difference)")
      }
    }
  }

  @Test("a reused tape gives the same gradient as a fresh one")
  func reusedTape() throws {
    let problem = try Problem(Self.cases[0])
    let other = try problem.twin.record(layers: .normal(3, 32, seed: 9), inputs: .uniform(3, 6, seed: 8))
    let reused = try problem.twin.record(layers: problem.layers, inputs: problem.inputs, tape: other)
    #expect(reused.intensities == problem.tape.intensities)
    let slopes = problem.weights
    #expect(
      try problem.twin.gradient(reused, intensityGradient: slopes).layers
        == problem.twin.gradient(problem.tape, intensityGradient: slopes).layers)
  }
}
