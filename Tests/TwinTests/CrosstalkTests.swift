import Arrays
import Foundation
import Testing
import Twin

/// How the phases of neighbouring pixels run together, beside integrals and textbook gratings.
@Suite struct CrosstalkTests {
  /// One layer on which the input is imaged, and a camera at some distance.
  private static func description(gap: Double, grid: Int, sampling: Int, lit: Int) -> TwinDescription {
    .small(
      .cavity, grid: grid, layers: 1, distance: gap, padding: 1, sampling: sampling,
      input: InputDescription(size: lit, block: 1))
  }

  private static func frame(
    _ description: TwinDescription, _ values: [String: Double], beam: (_ x: Int, _ y: Int) -> Double = { _, _ in 1 },
    _ phase: (_ x: Int, _ y: Int) -> Double
  ) throws -> Stack<Double> {
    var parameters = TwinParameters(nominalFor: description)
    for (name, value) in values { parameters[name] = value }
    let (grid, size) = (description.geometry.grid, description.input.size)
    let layers = Stack<Double>(
      count: 1, height: grid, width: grid, values: (0..<grid * grid).map { phase($0 % grid, $0 / grid) })
    return try Twin<Double>(description, parameters: parameters).forward(
      layers: layers,
      inputs: Stack(
        count: 1, height: size, width: size, values: (0..<size * size).map { beam($0 % size, $0 / size) }))
  }

  /// The part of a pixel's phase that arrives at a place, `from` and `to` which the pixel reaches: the two halves of a Gaussian integrated
  /// with their centre of mass at 0, in small steps.
  private static func part(_ width: Double, _ skew: Double, from low: Double, to high: Double) -> Double {
    let density = { (x: Double) in exp(-0.5 * pow(x / (width * (x < 0 ? 1 - skew : 1 + skew)), 2)) }
    let places = (0..<40_000).map { -10 * width + 20 * width * (Double($0) + 0.5) / 40_000 }
    let mass = places.reduce(0) { $0 + density($1) }
    let mean = places.reduce(0) { $0 + $1 * density($1) } / mass
    return places.filter { low < $0 - mean && $0 - mean <= high }.reduce(0) { $0 + density($1) } / mass
  }

  @Test("a step of phase runs over its edge as integrals say, to each side by its own width", arguments: [0.0, 0.5])
  func step(skew: Double) throws {
    let description = Self.description(gap: 0, grid: 24, sampling: 4, lit: 24)
    let (width, aspect, fill, rest) = (5e-6, 0.25, 0.8, 0.7)
    let values = [
      "crosstalk": width, "crosstalkAspect": aspect, "crosstalkSkewX": skew, "crosstalkSkewY": -skew,
      "fillFactor": fill,
      "zeroOrderPhase": rest,
    ]
    for isAlongY in [false, true] {
      let seen = try Self.frame(description, values) { x, y in (isAlongY ? y : x) >= 12 ? 2 : 0 }
      let axis = width * (isAlongY ? 1 - aspect : 1 + aspect)
      for pixel in 9..<15 {
        // The mean over the four samples of a pixel, of which the k-th has the phase of all pixels from the edge on.
        let expected = (0..<4).reduce(0.0) { sum, k in
          let place = (Double(pixel - 12) + (Double(k) + 0.5) / 4) * 8e-6
          let phase = 2 * Self.part(axis, isAlongY ? -skew : skew, from: -1, to: place)
          return sum + (fill * fill + (1 - fill) * (1 - fill) + 2 * fill * (1 - fill) * cos(phase - rest)) / 4
        }
        let found = isAlongY ? seen[0, pixel, 12] : seen[0, 12, pixel]
        #expect(abs(found - expected) < 1e-3, "pixel \(pixel)")
      }
    }
  }

  @Test("a grating of two pixels diffracts as its blurred phase and its gaps say", arguments: [1.0, 0.85])
  func grating(fill: Double) throws {
    // The orders are 26 pixels apart where they are seen, and the beam has a waist of 5.
    let description = Self.description(gap: 2e-3, grid: 96, sampling: 4, lit: 36)
    let beam = { (x: Int, y: Int) in exp(-(pow(Double(x) - 17.5, 2) + pow(Double(y) - 17.5, 2)) / 25) }
    let (period, width, rest) = (16e-6, 4e-6, 0.7)
    let dark = try Self.frame(description, [:], beam: beam) { _, _ in 0 }.values.reduce(0, +)
    let seen = try Self.frame(
      description, ["crosstalk": width, "fillFactor": fill, "zeroOrderPhase": rest], beam: beam
    ) { x, _ in x.isMultiple(of: 2) ? 0 : .pi }
    func order(_ columns: Range<Int>) -> Double {
      columns.reduce(0) { sum, x in sum + (0..<96).reduce(0) { $0 + seen[0, $1, x] } } / dark
    }
    // π/2 and a wave, since the third harmonic of the square wave is blurred to nothing: orders are Bessel functions of its size.
    let wave = 2 * exp(-2 * pow(Double.pi * width / period, 2))
    let (real, imaginary) = ((1 - fill) * cos(rest), fill * j0(wave) + (1 - fill) * sin(rest))
    #expect(abs(order(35..<61) - (real * real + imaginary * imaginary)) < 0.01)
    for side in [9..<35, 61..<87] { #expect(abs(order(side) - pow(fill * j1(wave), 2)) < 0.01) }
  }

  @Test("sides that hardly differ are sides that do not")
  func even() throws {
    let description = Self.description(gap: 2e-3, grid: 32, sampling: 2, lit: 16)
    let pattern = { (x: Int, y: Int) in Double((7 * x + 5 * y * y) % 11) / 2 }
    let expected = try Self.frame(description, ["crosstalk": 6e-6], pattern)
    let found = try Self.frame(description, ["crosstalk": 6e-6, "crosstalkSkewX": 1e-9], pattern)
    #expect(found.difference(from: expected) < 1e-7)
    let mirrored = try Self.frame(description, ["crosstalk": 6e-6, "crosstalkSkewX": 0.4], pattern)
    #expect(mirrored.difference(from: expected) > 1e-3)
  }

  @Test("parameters of before sides are read, with sides that are alike")
  func earlier() throws {
    let now = TwinParameters(nominalFor: Self.description(gap: 1e-3, grid: 16, sampling: 1, lit: 8))
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(now))
    var members = try #require(object as? [String: [[String: Any]]])
    members["all"]?.removeAll {
      ($0["name"] as? String)?.hasPrefix("crosstalk") == true && $0["name"] as? String != "crosstalk"
    }
    #expect(members["all"]?.count == now.all.count - 3)
    let read = try JSONDecoder().decode(TwinParameters.self, from: JSONSerialization.data(withJSONObject: members))
    #expect(read.names == now.names && read["crosstalkSkewX"] == 0)
  }
}
