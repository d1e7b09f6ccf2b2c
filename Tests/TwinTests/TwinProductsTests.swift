import Arrays
import Fitting
import Testing
import Twin

/// Products of the derivatives of frames with vectors, beside columns, differences, and each other.
@Suite struct TwinProductsTests {
  /// A bench with every effect, and a map of the source, and maps of the layers if wanted.
  private struct Bench {
    let twin: Twin<Double>
    let layers: Stack<Double>
    let input: Stack<Double>
    let direction: TwinDirection

    init(_ index: Int, hasMaps: Bool = false) throws {
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
      func maps(_ stream: String, _ size: Double) -> [LayerMap]? {
        guard hasMaps else { return nil }
        return (0..<description.geometry.layers).map { layer in
          var map = LayerMap(fineness: 5)
          let draws = random.stream(named: stream).child(UInt64(layer))
          for k in map.phase.indices { map.phase[k] = size * draws.normal(at: UInt64(k)) }
          return map
        }
      }
      description.forms = FreeForms(source: map("map", 0.4), layers: maps("layers", 0.4))
      let parameters = try EveryParameterTests.displaced(description)
      twin = try Twin(description, parameters: parameters)
      layers = .normal(description.geometry.layers, description.geometry.grid, deviation: 0.7, seed: 1)
      input = .uniform(1, description.input.size, seed: 2)
      direction = TwinDirection(
        parameters: Dictionary(
          parameters.all.enumerated().map { ($1.name, $1.scale * random.normal(at: UInt64($0))) },
          uniquingKeysWith: { first, _ in first }), map: map("direction", 1), layers: maps("turns", 1))
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
      var maps = twin.description.modulator.maps
      for layer in maps?.indices ?? 0..<0 {
        for index in 0..<25 { maps?[layer].phase[index] += step * (direction.layers?[layer].phase[index] ?? 0) }
      }
      return try twin.with(parameters, FreeForms(source: map, layers: maps)).forward(layers: layers, inputs: input)
    }
  }

  @Test("J and its transpose are adjoint to 1e-10", arguments: EveryParameterTests.benches.indices, [false, true])
  func adjoint(index: Int, hasMaps: Bool) throws {
    let bench = try Bench(index, hasMaps: hasMaps)
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
      + zip(back.layers ?? [], bench.direction.layers ?? []).flatMap { zip($0.phase, $1.phase).map { $0 * $1 } }
    let (left, right) = (zip(weights, forward).reduce(0) { $0 + $1.0 * $1.1 }, terms.reduce(0, +))
    let size = terms.reduce(0) { $0 + abs($1) }
    #expect(abs(left - right) < 1e-10 * size, "\(left) forwards, \(right) backwards")
  }

  @Test(
    "a product is the sum of the columns, and what differences give", arguments: EveryParameterTests.benches.indices,
    [false, true])
  func columns(index: Int, hasMaps: Bool) throws {
    let bench = try Bench(index, hasMaps: hasMaps)
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
    arguments: [(false, nil), (true, nil), (false, 0.02), (true, 0.02)], [false, true])
  func residuals(_ how: (fitsOffset: Bool, lack: Double?), hasMaps: Bool) throws {
    let (fitsOffset, lack) = how
    let bench = try Bench(0, hasMaps: hasMaps)
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
    let geometry = bench.twin.description.geometry
    // As fine as the bench's own.
    let roughness = LayerRoughness(rms: 0.1, length: Double(geometry.grid) * geometry.pitch / 2.4)
    let unknowns = SourceUnknowns(
      moving: moving, fineness: 6, deviations: (0.3, 0.1), layers: hasMaps ? LayerUnknowns(geometry, roughness) : nil)
    let one = try Twin<Double>(bench.twin.description, parameters: bench.twin.parameters, threads: 1)
    let problem = SourceProblem(
      twin: one, data, frames: [0, 1], fitsOffset: fitsOffset, threads: 2, lack: lack, unknowns)
    let forms = one.description.forms
    let values = unknowns.values(of: one.parameters, forms.source, layers: forms.layers)
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
    // With maps of the layers, the light before them is kept as well.
    let mapped = try Bench(index, hasMaps: true)
    let both = try TwinProducts(mapped.twin, of: [])
    #expect(try both.frame(layers: bench.layers, input: bench.input).planes == light + 2 * layers)
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
    let few = try TwinProducts(mapped.twin, of: [], keeping: 0)
    let (short, long) = (
      try few.frame(layers: bench.layers, input: bench.input), try both.frame(layers: bench.layers, input: bench.input)
    )
    let turns = TwinDirection(layers: mapped.direction.layers)
    #expect(few.product(few.tangent(along: turns), short) == both.product(both.tangent(along: turns), long))
    #expect(few.transposedProduct(change, short).layers == both.transposedProduct(change, long).layers)
  }
}
