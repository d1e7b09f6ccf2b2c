import Arrays
import Foundation
import Optics
import Testing
import Twin

/// The source's map: what it does to the light, and how it is kept.
@Suite struct SourceMapTests {
  private static func polynomial(_ x: Double, _ y: Double) -> Double {
    0.3 - x + 0.5 * y * y + 0.7 * x * x * y - 0.2 * y * y * y
  }

  private static func map(_ fineness: Int, seed: UInt64 = 1) -> SourceMap {
    var map = SourceMap(fineness: fineness)
    for index in map.phase.indices {
      map.phase[index] = 0.4 * CounterRandom(seed: seed).normal(at: UInt64(index))
      map.logAmplitude[index] = 0.1 * CounterRandom(seed: seed).normal(at: UInt64(1000 + index))
    }
    return map
  }

  @Test("cubic polynomials are in its span over the whole layer, for every fineness", arguments: [4, 5, 16])
  func polynomials(fineness: Int) throws {
    let spline = BicubicSpline(fineness: fineness, side: 24)
    let samples = (0..<576).map { Self.polynomial(Double($0 % 24) / 12 - 1, Double($0 / 24) / 12 - 1) }
    let found = spline.values(try spline.coefficients(closestTo: samples))
    #expect(zip(found, samples).allSatisfy { abs($0 - $1) < 1e-8 })
  }

  @Test("coefficients that are all alike give that value everywhere, and the transpose is the transpose")
  func partition() {
    let spline = BicubicSpline(fineness: 7, side: 10)
    #expect(spline.values([Double](repeating: 2, count: 49)).allSatisfy { abs($0 - 2) < 1e-14 })
    let random = CounterRandom(seed: 2)
    let (a, b) = ((0..<49).map { random.normal(at: UInt64($0)) }, (0..<100).map { random.normal(at: UInt64(100 + $0)) })
    let left = zip(spline.values(a), b).reduce(0) { $0 + $1.0 * $1.1 }
    let right = zip(spline.transposed(b), a).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(left - right) < 1e-12 * abs(left))
  }

  @Test("a finer map is the same light, and a map of nothing changes no bit")
  func finer() throws {
    // Knots of the finer one lie on those of the coarser one: 7 coefficients have 4 intervals, 11 have 8.
    let coarse = Self.map(7)
    let fine = try coarse.resampled(11)
    let (a, b) = (BicubicSpline(fineness: 7, side: 20), BicubicSpline(fineness: 11, side: 20))
    #expect(zip(a.values(coarse.phase), b.values(fine.phase)).allSatisfy { abs($0 - $1) < 1e-8 })
    let twin = try Twin<Double>(TwinDescription.small(.cavity))
    let layers = Stack<Double>.normal(3, 32, seed: 3)
    let input = Stack<Double>.uniform(1, 6, seed: 4)
    let expected = try twin.forward(layers: layers, inputs: input)
    let same = try twin.with(twin.parameters, sourceMap: SourceMap(fineness: 8)).forward(layers: layers, inputs: input)
    #expect(same == expected)
    let other = try twin.with(twin.parameters, sourceMap: Self.map(8)).forward(layers: layers, inputs: input)
    #expect(other.difference(from: expected) > 0.1)
  }

  @Test("a map of a Zernike aberration is that aberration", arguments: GeometryDescription.Kind.allCases)
  func aberration(kind: GeometryDescription.Kind) throws {
    let description = TwinDescription.small(kind, sampling: 2)
    let spline = BicubicSpline(fineness: 12, side: 64)
    var map = SourceMap(fineness: 12)
    let samples = (0..<64 * 64).map { index in
      // The layer's sample ⌊grid/2⌋ is the centre.
      let position = { (k: Int) in (Double(k) + 0.5 - 33) / 32 / 2.0.squareRoot() }
      return 0.8 * Zernike.value(noll: 7, x: position(index % 64), y: position(index / 64))
    }
    map.phase = try spline.coefficients(closestTo: samples)
    let twin = try Twin<Double>(description)
    var parameters = twin.parameters
    parameters["modulatorZernike7"] = 0.8
    let (layers, input) = (Stack<Double>.normal(3, 32, seed: 3), Stack<Double>.uniform(1, 6, seed: 4))
    let expected = try twin.with(parameters).forward(layers: layers, inputs: input)
    let found = try twin.with(twin.parameters, sourceMap: map).forward(layers: layers, inputs: input)
    #expect(found.difference(from: expected) < 1e-6)
  }

  @Test("descriptions without a map are written and read as before, and one with a map keeps it")
  func coding() throws {
    var description = TwinDescription.small(.cavity)
    let before = try JSONEncoder().encode(description)
    #expect(!String(decoding: before, as: UTF8.self).contains("map"))
    #expect(try JSONDecoder().decode(TwinDescription.self, from: before).source.map == nil)
    description.source.map = Self.map(5)
    #expect(try JSONDecoder().decode(TwinDescription.self, from: JSONEncoder().encode(description)) == description)
  }

  @Test("a map that is none is refused")
  func refusal() throws {
    var description = TwinDescription.small(.cavity)
    var map = SourceMap(fineness: 6)
    map.phase[3] = .nan
    for wrong in [SourceMap(fineness: 3), map] {
      description.source.map = wrong
      #expect(throws: TwinError.self) { try Twin<Double>(description) }
    }
    let twin = try Twin<Double>(TwinDescription.small(.cavity))
    #expect(throws: TwinError.self) { try twin.with(twin.parameters, sourceMap: map) }
  }
}
