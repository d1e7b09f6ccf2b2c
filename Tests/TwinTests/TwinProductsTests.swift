import Arrays
import Fitting
import Testing
import Twin

/// Products of the derivatives of frames with vectors, beside columns, differences, and each other.
@Suite struct TwinProductsTests {
  /// A bench with every effect, and a map of the source.
  private struct Bench {
    let twin: Twin<Double>
    let layers: Stack<Double>
    let input: Stack<Double>
    let direction: TwinDirection

    init(_ index: Int) throws {
      var description = EveryParameterTests.benches[index]
      let random = CounterRandom(seed: 5)
      func map(_ stream: String, _ size: Double) -> SourceMap {
        var map = SourceMap(fineness: 6)
        for k in map.phase.indices {
          map.phase[k] = size * random.stream(named: stream).normal(at: UInt64(k))
          map.logAmplitude[k] = 0.3 * size * random.stream(named: stream).normal(at: UInt64(100 + k))
        }
        return map
      }
      description.source.map = map("map", 0.4)
      let parameters = try EveryParameterTests.displaced(description)
      twin = try Twin(description, parameters: parameters)
      layers = .normal(description.geometry.layers, description.geometry.grid, deviation: 0.7, seed: 1)
      input = .uniform(1, description.input.size, seed: 2)
      direction = TwinDirection(
        parameters: Dictionary(
          parameters.all.enumerated().map { ($1.name, $1.scale * random.normal(at: UInt64($0))) },
          uniquingKeysWith: { first, _ in first }), map: map("direction", 1))
    }

    var names: [String] { twin.parameters.names }

    func moved(_ step: Double) throws -> Stack<Double> {
      var parameters = twin.parameters
      for (name, speed) in direction.parameters { parameters[name] += step * speed }
      var map = twin.description.source.map ?? SourceMap(fineness: 6)
      for index in map.phase.indices {
        map.phase[index] += step * (direction.map?.phase[index] ?? 0)
        map.logAmplitude[index] += step * (direction.map?.logAmplitude[index] ?? 0)
      }
      return try twin.with(parameters, sourceMap: map).forward(layers: layers, inputs: input)
    }
  }

  @Test("J and its transpose are adjoint to 1e-10", arguments: EveryParameterTests.benches.indices)
  func adjoint(index: Int) throws {
    let bench = try Bench(index)
    let products = try TwinProducts(bench.twin, of: bench.names)
    let frame = try products.frame(layers: bench.layers, input: bench.input)
    let forward = products.product(products.tangent(along: bench.direction), frame)
    let weights = forward.indices.map { CounterRandom(seed: 6).normal(at: UInt64($0)) }
    let back = products.transposedProduct(weights, frame)
    let map = try #require(back.map)
    let terms =
      bench.direction.parameters.map { (back.parameters[$0.key] ?? 0) * $0.value }
      + zip(map.phase, bench.direction.map?.phase ?? []).map { $0 * $1 }
      + zip(map.logAmplitude, bench.direction.map?.logAmplitude ?? []).map { $0 * $1 }
    let (left, right) = (zip(weights, forward).reduce(0) { $0 + $1.0 * $1.1 }, terms.reduce(0, +))
    let size = terms.reduce(0) { $0 + abs($1) }
    #expect(abs(left - right) < 1e-10 * size, "\(left) forwards, \(right) backwards")
  }

  @Test(
    "a product is the sum of the columns, and what differences give", arguments: EveryParameterTests.benches.indices)
  func columns(index: Int) throws {
    let bench = try Bench(index)
    let products = try TwinProducts(bench.twin, of: bench.names)
    let frame = try products.frame(layers: bench.layers, input: bench.input)
    let named = products.product(
      products.tangent(along: TwinDirection(parameters: bench.direction.parameters)), frame)
    let columns = try TwinJacobian(bench.twin, of: bench.names)(layers: bench.layers, input: bench.input).columns
    let largest = named.map { abs($0) }.max() ?? 0
    for sample in named.indices {
      let sum = zip(bench.names, columns).reduce(0) { $0 + (bench.direction.parameters[$1.0] ?? 0) * $1.1[sample] }
      #expect(abs(sum - named[sample]) < 1e-10 * largest)
    }
    let whole = products.product(products.tangent(along: bench.direction), frame)
    let step = 1e-5
    let (ahead, behind) = (try bench.moved(step).values, try bench.moved(-step).values)
    let size = whole.map { abs($0) }.max() ?? 0
    for sample in whole.indices {
      #expect(abs((ahead[sample] - behind[sample]) / (2 * step) - whole[sample]) < 1e-6 * size)
    }
  }

  @Test(
    "the residuals of a fit and their transpose are adjoint to 1e-10, with the frame's gain and offset, and weighed",
    arguments: [false, true], [nil, 0.02])
  func residuals(fitsOffset: Bool, lack: Double?) throws {
    let bench = try Bench(0)
    let shown = try bench.moved(0)
    // Frames that the twin does not compute, so that the residuals are not small, and some clipped samples.
    var frames = Stack<Double>(count: 2, height: shown.height, width: shown.width, values: shown.values + shown.values)
    for index in frames.values.indices {
      frames.values[index] += 0.3 * abs(CounterRandom(seed: 7).normal(at: UInt64(index)))
    }
    let data = FitData(
      patterns: [bench.layers, bench.layers], inputs: bench.input, frames: frames, block: 2,
      saturation: frames.values.sorted()[frames.values.count * 9 / 10])
    let moving = try bench.twin.parameters.freeing(bench.names.filter { !["gain", "exposure", "power"].contains($0) })
      .free
    let unknowns = SourceUnknowns(moving: moving, fineness: 6, deviations: (0.3, 0.1))
    let one = try Twin<Double>(bench.twin.description, parameters: bench.twin.parameters, threads: 1)
    let problem = SourceProblem(
      twin: one, data, frames: [0, 1], fitsOffset: fitsOffset, threads: 2, lack: lack, unknowns)
    let values = unknowns.values(of: one.parameters, one.description.source.map)
    let jacobian = try problem.exact(at: values)
    let random = CounterRandom(seed: 8)
    let vector = (0..<jacobian.columns).map { 1e-2 * random.normal(at: UInt64($0)) }
    let weights = (0..<jacobian.rows).map { random.stream(named: "w").normal(at: UInt64($0)) }
    let (forward, back) = (try jacobian.product(vector), try jacobian.transposedProduct(weights))
    let terms = zip(back, vector).map { $0 * $1 }
    let left = zip(weights, forward).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(left - terms.reduce(0, +)) < 1e-10 * terms.reduce(0) { $0 + abs($1) })
    // And the residuals change so.
    let step = 1e-4
    func residuals(_ factor: Double) throws -> [Double] {
      try problem.exact(at: zip(values, vector).map { $0 + factor * $1 }).residuals
    }
    let (ahead, behind) = (try residuals(step), try residuals(-step))
    let size = forward.map { abs($0) }.max() ?? 0
    for index in forward.indices {
      #expect(abs((ahead[index] - behind[index]) / (2 * step) - forward[index]) < 1e-5 * size)
    }
  }

  @Test(
    "frames keep the light on the camera and no plane more than there is room for, with the same bits",
    arguments: EveryParameterTests.benches.indices)
  func room(index: Int) throws {
    let bench = try Bench(index)
    let scarce = try TwinProducts(bench.twin, of: [], keeping: 0)
    let ample = try TwinProducts(bench.twin, of: [])
    func planes(_ products: TwinProducts<Double>, _ frames: Int) throws -> Int {
      try (0..<frames).reduce(0) { sum, _ in
        try sum + products.frame(layers: bench.layers, input: bench.input).planes
      }
    }
    let light = try planes(scarce, 1)
    let layers = try planes(ample, 1) - light
    #expect(layers == light * bench.twin.description.geometry.layers)
    // Room for two frames' layers and a half.
    let some = try TwinProducts(bench.twin, of: [], keeping: 5 * layers / 2)
    #expect(try planes(some, 7) == 7 * light + 2 * layers)
    let (one, other) = (
      try scarce.frame(layers: bench.layers, input: bench.input),
      try ample.frame(layers: bench.layers, input: bench.input)
    )
    let direction = TwinDirection(map: bench.direction.map)
    let change = ample.product(ample.tangent(along: direction), other)
    #expect(scarce.product(scarce.tangent(along: direction), one) == change)
    #expect(scarce.transposedProduct(change, one).map == ample.transposedProduct(change, other).map)
  }
}
