import Arrays
import Foundation
import Optics
import Testing
import Twin

/// Every parameter that a bench can have, each free and away from its neutral value.
@Suite struct EveryParameterTests {
  static let benches: [TwinDescription] = GeometryDescription.Kind.allCases.flatMap { kind in
    [InputDescription.Encoding.amplitude, .phase].map { encoding in
      var description = TwinDescription.small(
        kind, grid: 24, layers: 2, padding: 1.5, sampling: 2, bandLimit: false,
        input: InputDescription(size: 5, block: 4, encoding: encoding, repeatsInput: true),
        detector: DetectorDescription(block: 2, region: Region(x: 2, y: 4, width: 20, height: 16)))
      description.modulator = PhaseModulatorDescription(
        response: [0.02, 1.7, 3.3, 4.9, 6.2], regions: 2,
        crosstalkKernel: [[0, 0.05, 0], [0.02, 1, 0.04], [0, 0.03, 0.01]])
      description.source = SourceDescription(
        amplitude: Stack(
          count: 1, height: 24, width: 24, values: (0..<576).map { 0.8 + 0.2 * Foundation.cos(Double($0 % 24) / 5) }))
      return description
    }
  }

  static func displaced(_ description: TwinDescription) throws -> TwinParameters {
    let nominal = TwinParameters(nominalFor: description)
    var parameters = try nominal.freeing(nominal.names)
    for (index, parameter) in parameters.all.enumerated() {
      let offset = [0.8, -0.6, 1.1, -0.9, 0.5][index % 5]
      let isOneSided = ["crosstalk", "pointSpread", "fillFactor"].contains(parameter.name)
      parameters[parameter.name] =
        parameter.value + displacement(of: parameter) * (isOneSided ? abs(offset) : offset)
    }
    return parameters
  }

  /// A change that matters on a bench of 24 samples of 8 µm.
  private static func displacement(of parameter: TwinParameter) -> Double {
    switch parameter.name {
    case "crosstalk": 3e-6
    case "pointSpread": 5e-6
    case "fillFactor": -0.15
    case "offset": 0.02
    case let name where name.hasSuffix("Scale") || name.hasSuffix("Aspect"): 0.02
    case let name where name.hasPrefix("detectorKeystone"): 100
    case let name where name.hasPrefix("illumination"): 0.3
    case let name where parameter.unit == "m": name.hasPrefix("hop") ? 200e-6 : 6e-6
    case let name where name.hasSuffix("Rotation"): 0.02
    case let name where name.contains("Tilt"): 1.5e-3
    case let name where name.contains("Zernike"): 0.3
    case let name where name.contains("esponse"): 0.08
    default: 0.2
    }
  }

  /// Σ w(I + I²/2) with fixed random weights.
  private struct Problem {
    let twin: Twin<Double>
    let layers: Stack<Double>
    let inputs: Stack<Double>
    let weights: Stack<Double>

    /// - Parameter deviation: of the phases; with 1.6 every part of a turn is met, with 0.7 hardly a corner of the response.
    init(_ description: TwinDescription, _ parameters: TwinParameters, deviation: Double = 0.7) throws {
      twin = try Twin(description, parameters: parameters)
      layers = .normal(description.geometry.layers, description.geometry.grid, deviation: deviation, seed: 1)
      inputs = .uniform(3, description.input.size, seed: 2)
      let shape = try twin.detectorShape()
      let random = CounterRandom(seed: 3)
      weights = Stack(
        count: 3, height: shape.height, width: shape.width,
        values: (0..<3 * shape.height * shape.width).map { random.normal(at: UInt64($0)) })
    }

    func loss(_ twin: Twin<Double>) throws -> Double { try loss(twin, layers) }

    func loss(_ twin: Twin<Double>, _ layers: Stack<Double>) throws -> Double {
      let intensities = try twin.forward(layers: layers, inputs: inputs)
      return zip(intensities.values, weights.values).reduce(0) { $0 + $1.1 * ($1.0 + $1.0 * $1.0 / 2) }
    }

    func gradient(ofParameters: Bool = true) throws -> TwinGradient<Double> {
      let tape = try twin.record(layers: layers, inputs: inputs)
      var slope = weights
      for index in slope.values.indices { slope.values[index] *= 1 + tape.intensities.values[index] }
      return try twin.gradient(tape, intensityGradient: slope, ofParameters: ofParameters)
    }
  }

  @Test("every parameter has a gradient, and it agrees with central differences to 1e-6", arguments: benches)
  func everyParameter(description: TwinDescription) throws {
    let problem = try Problem(description, Self.displaced(description), deviation: 1.6)
    let gradient = try problem.gradient().parameters
    #expect(Set(gradient.keys) == Set(problem.twin.parameters.names))
    for parameter in problem.twin.parameters.all {
      let computed = try #require(gradient[parameter.name])
      let difference = try Self.difference(problem, parameter)
      // Relative to the parameter's own effect, with a floor where the loss does not depend on it.
      let error = abs(computed - difference) / max(abs(difference), 1e-9 / parameter.scale)
      #expect(error < 1e-6, "\(parameter.name): \(computed), by differences \(difference)")
      #expect(difference != 0, "\(parameter.name) has no effect")
    }
  }

  @Test("the gradient by the phases, through every effect, agrees with central differences", arguments: benches)
  func phases(description: TwinDescription) throws {
    let problem = try Problem(description, Self.displaced(description))
    let gradient = try problem.gradient(ofParameters: false).layers
    #expect(gradient == (try problem.gradient(ofParameters: true).layers))
    let direction = Stack<Double>.normal(2, 24, seed: 5)
    let difference = try Self.richardson(step: 2e-5) {
      try problem.loss(problem.twin, problem.layers.adding(direction, times: $0))
    }
    #expect(abs(gradient.inner(direction) / difference - 1) < 1e-6)
  }

  @Test("a parameter that is neutral and fixed changes nothing and has no gradient", arguments: benches)
  func inactive(description: TwinDescription) throws {
    let nominal = TwinParameters(nominalFor: description)
    let gradient = try Problem(description, nominal).gradient().parameters
    #expect(Set(gradient.keys) == Set(nominal.active.map(\.name)))
    #expect(gradient.count < nominal.all.count / 2)
  }

  @Test("freeing an effect at its neutral value leaves the intensities as they are", arguments: benches)
  func neutral(description: TwinDescription) throws {
    let nominal = TwinParameters(nominalFor: description)
    let plain = try Problem(description, nominal)
    let freed = try Problem(description, nominal.freeing(nominal.names))
    let expected = try plain.twin.forward(layers: plain.layers, inputs: plain.inputs)
    let found = try freed.twin.forward(layers: plain.layers, inputs: plain.inputs)
    #expect(found.difference(from: expected) < 1e-12)
  }

  private static func difference(_ problem: Problem, _ parameter: TwinParameter) throws -> Double {
    // Cubic interpolation has kinks in its second derivative, which short steps seldom cross.
    let isInterpolated = parameter.name.hasPrefix("detector") && !parameter.name.hasPrefix("detectorZernike")
    let step = (isInterpolated ? 3e-5 : 2e-4) * abs(displacement(of: parameter))
    return try richardson(step: step) { step in
      var parameters = problem.twin.parameters
      parameters[parameter.name] += step
      return try problem.loss(try problem.twin.with(parameters))
    }
  }

  /// Central differences at two steps, combined so that their error falls with the fourth power of the step.
  private static func richardson(step: Double, _ value: (Double) throws -> Double) throws -> Double {
    let near = (try value(step) - value(-step)) / (2 * step)
    let far = (try value(2 * step) - value(-2 * step)) / (4 * step)
    return (4 * near - far) / 3
  }
}
