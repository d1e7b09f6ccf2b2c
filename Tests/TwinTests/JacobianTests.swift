import Arrays
import Optics
import Testing
import Twin

/// Derivatives of frames in forward mode, beside the adjoint, which is computed the other way round, and beside differences.
@Suite struct JacobianTests {
  private struct Frame {
    let twin: Twin<Double>
    let layers: Stack<Double>
    let input: Stack<Double>
    let weights: [Double]

    init(_ description: TwinDescription, _ parameters: TwinParameters) throws {
      twin = try Twin(description, parameters: parameters)
      layers = .normal(description.geometry.layers, description.geometry.grid, deviation: 1.6, seed: 1)
      input = .uniform(1, description.input.size, seed: 2)
      let shape = try twin.detectorShape()
      let random = CounterRandom(seed: 3)
      weights = (0..<shape.height * shape.width).map { random.normal(at: UInt64($0)) }
    }

    /// ∂(Σ w·I)/∂θ by the adjoint.
    func adjoint() throws -> [String: Double] {
      let tape = try twin.record(layers: layers, inputs: input)
      var slope = tape.intensities
      slope.values = weights
      return try twin.gradient(tape, intensityGradient: slope, ofParameters: true).parameters
    }
  }

  @Test(
    "every parameter's column is the transpose of what the adjoint computes",
    arguments: EveryParameterTests.benches.indices)
  func transpose(bench: Int) throws {
    let description = EveryParameterTests.benches[bench]
    let frame = try Frame(description, EveryParameterTests.displaced(description))
    let names = frame.twin.parameters.names
    let (samples, columns) = try TwinJacobian(frame.twin, of: names)(layers: frame.layers, input: frame.input)
    let expected = try frame.twin.forward(layers: frame.layers, inputs: frame.input).values
    #expect(zip(samples, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    let adjoint = try frame.adjoint()
    for (name, column) in zip(names, columns) {
      let forward = zip(frame.weights, column).reduce(0) { $0 + $1.0 * $1.1 }
      let size = zip(frame.weights, column).reduce(0) { $0 + abs($1.0 * $1.1) }
      let backward = try #require(adjoint[name])
      #expect(size > 0, "\(name) changes nothing")
      #expect(abs(forward - backward) < 1e-10 * size, "\(name): \(forward) forwards, \(backward) backwards")
    }
  }

  @Test("single precision gives the columns to five digits", arguments: EveryParameterTests.benches.indices)
  func singlePrecision(bench: Int) throws {
    let description = EveryParameterTests.benches[bench]
    let parameters = try EveryParameterTests.displaced(description)
    let frame = try Frame(description, parameters)
    let exact = try TwinJacobian(frame.twin, of: parameters.names)(layers: frame.layers, input: frame.input).columns
    let single = try TwinJacobian(Twin<Float>(description, parameters: parameters), of: parameters.names)(
      layers: frame.layers.converted(), input: frame.input.converted()
    ).columns
    for (name, (a, b)) in zip(parameters.names, zip(exact, single)) {
      let largest = a.map { abs($0) }.max() ?? 0
      let error = zip(a, b).map { abs($0 - Double($1)) }.max() ?? 0
      #expect(error < 2e-5 * largest, "\(name)")
    }
  }

  @Test("a clipped sample has no derivative, and the others keep theirs")
  func clipped() throws {
    var description = EveryParameterTests.benches[0]
    let parameters = try EveryParameterTests.displaced(description)
    let free = try Frame(description, parameters)
    let samples = try free.twin.forward(layers: free.layers, inputs: free.input).values
    let limit = samples.sorted()[samples.count / 2]
    description.detector.saturation = limit
    let clipped = try Frame(description, parameters)
    let names = ["gain", "mirrorGap", "spacing", "detectorRotation", "crosstalk"].filter(parameters.names.contains)
    let all = try TwinJacobian(free.twin, of: names)(layers: free.layers, input: free.input).columns
    let some = try TwinJacobian(clipped.twin, of: names)(layers: free.layers, input: free.input).columns
    for (name, (a, b)) in zip(names, zip(all, some)) {
      for index in samples.indices { #expect(b[index] == (samples[index] > limit ? 0 : a[index]), "\(name)") }
    }
  }

  @Test("a parameter that does not exist is refused")
  func unknown() throws {
    let twin = try Twin<Double>(EveryParameterTests.benches[0])
    #expect(throws: TwinError.self) { try TwinJacobian(twin, of: ["mirorGap"]) }
  }
}
