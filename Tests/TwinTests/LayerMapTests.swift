import Arrays
import Foundation
import Optics
import Testing
import Twin

/// The maps of layers: what they do to the light, what is believed of them, and how they are kept.
@Suite struct LayerMapTests {
  private static let layers = Stack<Double>.normal(3, 32, seed: 3)
  private static let input = Stack<Double>.uniform(1, 6, seed: 4)

  private static func maps(_ fineness: Int, _ changed: Int, _ phase: [Double]) -> [LayerMap] {
    (0..<3).map { layer in
      var map = LayerMap(fineness: fineness)
      if layer == changed { map.phase = phase }
      return map
    }
  }

  @Test(
    "the map of a Zernike polynomial is that polynomial of the layer, turned and between gaps as well",
    arguments: GeometryDescription.Kind.allCases, 0..<3)
  func aberration(kind: GeometryDescription.Kind, layer: Int) throws {
    let twin = try Twin<Double>(TwinDescription.small(kind, sampling: 2))
    var parameters = twin.parameters
    parameters["plane\(layer + 1)Rotation"] = 2e-3
    parameters["fillFactor"] = 0.9
    let samples = (0..<64 * 64).map { index in
      // The layer's sample ⌊grid/2⌋ is the centre.
      let position = { (k: Int) in (Double(k) + 0.5 - 33) / 32 / 2.0.squareRoot() }
      return 0.8 * Zernike.value(noll: 8, x: position(index % 64), y: position(index / 64))
    }
    let phase = try BicubicSpline(fineness: 12, side: 64).coefficients(closestTo: samples)
    let found = try twin.with(parameters, FreeForms(layers: Self.maps(12, layer, phase)))
      .forward(layers: Self.layers, inputs: Self.input)
    let without = try twin.with(parameters).forward(layers: Self.layers, inputs: Self.input)
    parameters["plane\(layer + 1)Zernike8"] = 0.8
    let expected = try twin.with(parameters).forward(layers: Self.layers, inputs: Self.input)
    #expect(found.difference(from: expected) < 1e-6)
    #expect(without.difference(from: expected) > 0.05)
  }

  @Test("maps of nothing change no bit")
  func nothing() throws {
    let twin = try Twin<Double>(TwinDescription.small(.cavity))
    let expected = try twin.forward(layers: Self.layers, inputs: Self.input)
    let maps = [LayerMap](repeating: LayerMap(fineness: 8), count: 3)
    let same = try twin.with(twin.parameters, FreeForms(layers: maps)).forward(layers: Self.layers, inputs: Self.input)
    #expect(same == expected)
  }

  @Test("independent coefficients, as fits believe in them, make the roughness that is stated", arguments: [4.0, 8])
  func roughness(length: Double) {
    let side = 96
    let geometry = GeometryDescription(
      kind: .cavity, wavelength: 850e-9, pitch: 1e-6, grid: side, layers: 2, distance: 1e-3)
    let unknowns = LayerUnknowns(geometry, LayerRoughness(rms: 0.05, length: length * 1e-6))
    let spline = BicubicSpline(fineness: unknowns.fineness, side: side)
    var (square, product) = (0.0, 0.0)
    for draw in 0..<40 {
      let random = CounterRandom(seed: 9).child(UInt64(draw))
      let values = spline.values(
        (0..<unknowns.fineness * unknowns.fineness).map { unknowns.deviation * random.normal(at: UInt64($0)) })
      for y in 0..<side {
        for x in 0..<side - Int(length) {
          square += values[y * side + x] * values[y * side + x]
          product += values[y * side + x] * values[y * side + x + Int(length)]
        }
      }
    }
    let count = Double(40 * side * (side - Int(length)))
    #expect(abs((square / count).squareRoot() / 0.05 - 1) < 0.05)
    // A Gaussian of that length has fallen to e^(−1/2) there.
    #expect(abs(product / square - exp(-0.5)) < 0.05, "\(product / square)")
    #expect(unknowns.moved == 1..<2, "the first layer's map would be the source's")
  }

  @Test("descriptions without maps are written and read as before, and one with maps keeps them")
  func coding() throws {
    var description = TwinDescription.small(.cavity)
    let before = try JSONEncoder().encode(description)
    #expect(!String(decoding: before, as: UTF8.self).contains("maps"))
    #expect(try JSONDecoder().decode(TwinDescription.self, from: before) == description)
    description.modulator.maps = Self.maps(5, 1, (0..<25).map { Double($0) / 50 })
    #expect(try JSONDecoder().decode(TwinDescription.self, from: JSONEncoder().encode(description)) == description)
  }

  @Test("maps of other layers, and maps that are none, are refused")
  func refusal() throws {
    let twin = try Twin<Double>(TwinDescription.small(.cavity))
    let wrong = [
      [LayerMap](repeating: LayerMap(fineness: 6), count: 2), Self.maps(6, 1, [Double](repeating: .nan, count: 36)),
      Self.maps(6, 1, [0]), [LayerMap](repeating: LayerMap(fineness: 3), count: 3),
    ]
    for maps in wrong {
      #expect(throws: TwinError.self) { try twin.with(twin.parameters, FreeForms(layers: maps)) }
      var description = twin.description
      description.modulator.maps = maps
      #expect(throws: TwinError.self) { try Twin<Double>(description) }
    }
  }
}
