import Arrays
import Foundation
import Testing
import Twin

/// Protects that a phase asked for is the phase shown: the formula of the response stands here once more, and the nearest command is
/// looked for among all of them.
@Suite struct PhaseInverseTests {
  /// A bench with a response of its own in every region, reaching from `reach` turns.
  private static func bench(
    _ kind: GeometryDescription.Kind = .cavity, reach: Double, regions: Int = 2, grid: Int = 24, sampling: Int = 1
  ) -> (TwinDescription, TwinParameters) {
    var description = TwinDescription.small(
      kind, grid: grid, layers: 2, padding: 1.5, sampling: sampling, input: InputDescription(size: 5, block: 4))
    description.modulator.regions = regions
    var parameters = TwinParameters(nominalFor: description)
    (parameters["response1"], parameters["response2"], parameters["response3"]) = (reach - 1, 0.2, -0.1)
    for plane in 1...2 {
      for region in 1...max(1, regions * regions) where regions > 0 {
        parameters["plane\(plane)Response\(region)"] = 0.01 * Double(plane * region) - 0.03
      }
    }
    return (description, parameters)
  }

  /// In turns.
  private static func shown(_ u: Double, _ parameters: TwinParameters, plane: Int, region: Int) -> Double {
    let bow = u * (1 - u)
    let own = parameters.parameter(named: "plane\(plane + 1)Response\(region + 1)")?.value ?? 0
    return u * (1 + parameters["response1"] + own) + parameters["response2"] * bow
      + parameters["response3"] * bow * (1 - 2 * u)
  }

  private static func distance(_ a: Double, _ b: Double) -> Double { abs((a - b) - (a - b).rounded()) }

  @Test(
    "of all commands of the first turn the nearest on the circle is chosen, region by region, also where the panel does not reach",
    arguments: [0.8, 1.0, 1.15], [16, 256])
  func nearest(reach: Double, count: Int) {
    let (description, parameters) = Self.bench(reach: reach)
    let inverse = description.inverse(parameters, count: count)
    let phases = Stack<Float>.normal(2, 24, deviation: 6, seed: 4)
    let commands = inverse.commands(phases)
    #expect(inverse.commands(phases) == commands)
    for plane in 0..<2 {
      for y in 0..<24 {
        for x in 0..<24 {
          let region = y / 12 * 2 + x / 12
          let curve = (0..<count).map {
            Self.shown(Double($0) / Double(count), parameters, plane: plane, region: region)
          }
          let asked = Double(phases[plane, y, x]) / (2 * .pi)
          let best = curve.filter { $0 < 1 }.map { Self.distance($0, asked) }.min() ?? 1
          let chosen = Int((Double(commands[plane, y, x]) / (2 * .pi) * Double(count)).rounded())
          #expect(Self.distance(curve[chosen], asked) <= best + 1e-9)
        }
      }
    }
  }

  @Test("a panel that shows what it receives gets the nearest level, half way the next one, as ever")
  func ideal() {
    let (description, _) = Self.bench(reach: 1, regions: 0)
    let inverse = description.inverse(TwinParameters(nominalFor: description), count: 256)
    let eighths = (0..<2048).map { Float(Double($0) * 2 * Double.pi / 2048) }
    let commands = inverse.commands(Stack(count: 1, height: 1, width: eighths.count, values: eighths))
    for (index, command) in commands.values.enumerated() where index % 8 != 4 {
      let level = (index + 4) / 8 % 256
      #expect(abs(Double(command) - Double(level) * 2 * .pi / 256) < 1e-6)
    }
    // A step of 1/256 is off by 1/256/√12.
    #expect(abs(inverse.error - 1 / 256.0 / 12.0.squareRoot()) < 1e-12)
  }

  @Test("what is missing of a turn is the error that is stated", arguments: [0.9, 1.2])
  func error(reach: Double) {
    let (description, parameters) = Self.bench(reach: reach, regions: 0)
    let inverse = description.inverse(parameters, count: 64)
    let asked = (0..<20_000).map { Float(Double($0) / 20_000 * 2 * .pi) }
    let commands = inverse.commands(Stack(count: 1, height: 1, width: asked.count, values: asked))
    let squares = zip(asked, commands.values).map { asked, command in
      let shown = Self.shown(Double(command) / (2 * .pi), parameters, plane: 0, region: 0)
      let off = Self.distance(Double(asked) / (2 * .pi), shown)
      return off * off
    }
    let error = (squares.reduce(0, +) / Double(squares.count)).squareRoot()
    #expect(abs(inverse.error - error) < 1e-3 * error)
  }

  @Test("a twin of phases predicts what one of commands does for the commands that are chosen", arguments: [1, 2])
  func prediction(sampling: Int) throws {
    let (description, parameters) = Self.bench(reach: 1.1, sampling: sampling)
    let inverse = description.inverse(parameters, count: 256)
    var phased = description
    phased.modulator.inverse = inverse
    let layers = Stack<Float>.normal(2, 24, deviation: 3, seed: 1)
    let inputs = Stack<Float>.uniform(2, 5, seed: 2)
    let (asked, told) = (
      try Twin<Float>(phased, parameters: parameters), try Twin<Float>(description, parameters: parameters)
    )
    let expected = try told.forward(layers: inverse.commands(layers), inputs: inputs)
    #expect(try asked.forward(layers: layers, inputs: inputs).difference(from: expected) < 1e-5)
    // A control: without the inverse the light is another.
    #expect(try told.forward(layers: layers, inputs: inputs).difference(from: expected) > 0.05)
    // Single and double precision choose the same commands.
    let double = try Twin<Double>(phased, parameters: parameters)
      .forward(layers: layers.converted(to: Double.self), inputs: inputs.converted(to: Double.self))
    #expect(
      try asked.forward(layers: layers, inputs: inputs).converted(to: Double.self).difference(from: double) < 1e-4)
  }

  @Test(
    "with many commands gradients by phases and parameters are those of differences, also for parameters that have moved since",
    arguments: GeometryDescription.Kind.allCases, [0, 0.05])
  func gradient(kind: GeometryDescription.Kind, moved: Double) throws {
    var (description, parameters) = Self.bench(kind, reach: 1.1)
    description.modulator.inverse = description.inverse(parameters, count: 65536)
    parameters["response2"] += moved
    parameters["plane2Response3"] -= moved
    parameters = try parameters.freeing(parameters.names)
    let twin = try Twin<Double>(description, parameters: parameters)
    // Away from where a turn begins anew, at which the response jumps.
    let layers = Stack<Double>(
      count: 2, height: 24, width: 24, values: Stack<Double>.uniform(2, 24, seed: 1).values.map { 0.5 + 5 * $0 })
    let inputs = Stack<Double>.uniform(2, 5, seed: 2)
    func loss(_ twin: Twin<Double>, _ layers: Stack<Double>) throws -> Double {
      try twin.forward(layers: layers, inputs: inputs).values.enumerated()
        .reduce(0) { $0 + Double($1.offset % 7) * $1.element * $1.element }
    }
    let tape = try twin.record(layers: layers, inputs: inputs)
    var slopes = tape.intensities
    for index in slopes.values.indices { slopes.values[index] *= 2 * Double(index % 7) }
    let found = try twin.gradient(tape, intensityGradient: slopes, ofParameters: true)
    // Uphill, where what the steps of single pixels are off averages out.
    let length = (found.layers.inner(found.layers) / Double(found.layers.values.count)).squareRoot()
    var way = found.layers
    for index in way.values.indices { way.values[index] /= length }
    // Far more than a step between two commands, which are 1e-4 apart.
    let step = 0.01
    let ahead = try loss(twin, layers.adding(way, times: step))
    let rise = (ahead - (try loss(twin, layers.adding(way, times: -step)))) / (2 * step)
    #expect(abs(found.layers.inner(way) - rise) < 5e-3 * abs(rise))
    for name in ["response1", "responseKnot3", "plane2Response3", "mirrorGap", "spacing"] {
      guard let parameter = parameters.parameter(named: name) else { continue }
      let step = name.contains("esponse") ? 1e-5 : 1e-8
      var (more, less) = (parameters, parameters)
      (more[name], less[name]) = (parameter.value + step, parameter.value - step)
      let rise = (try loss(twin.with(more), layers) - loss(twin.with(less), layers)) / (2 * step)
      let slope = try #require(found.parameters[name])
      #expect(abs(slope - rise) < 1e-4 * abs(rise), "\(name)")
    }
  }

  @Test("it is read back as it was written; a table with a missing value is refused")
  func coding() throws {
    let (description, parameters) = Self.bench(reach: 1.1)
    let inverse = description.inverse(parameters, count: 256)
    let data = try JSONEncoder().encode(inverse)
    #expect(try JSONDecoder().decode(PhaseInverse.self, from: data) == inverse)
    let short = String(decoding: data, as: UTF8.self).replacing("\"count\":256", with: "\"count\":255")
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(PhaseInverse.self, from: Data(short.utf8)) }
    // More regions than a layer can have, and more layers than the table was made for.
    let many = String(decoding: data, as: UTF8.self)
      .replacing("\"regionsPerSide\":2", with: "\"regionsPerSide\":\(Int.max)")
    #expect(many.contains("\(Int.max)"))
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(PhaseInverse.self, from: Data(many.utf8)) }
    var larger = description
    larger.geometry.layers = 3
    larger.modulator.inverse = inverse
    #expect(throws: TwinError.self) {
      try Twin<Float>(larger, parameters: TwinParameters(nominalFor: larger), threads: 1)
    }
    // A bench of commands is described as it always was.
    let plain = try String(decoding: JSONEncoder().encode(description), as: UTF8.self)
    #expect(!plain.contains("inverse"))
  }
}
