import Arrays
import Optics
import Testing
import Twin

@Suite struct TwinErrorTests {
  private let twin: Twin<Float>
  private let layers = Stack<Float>(count: 3, height: 32, width: 32)
  private let inputs = Stack<Float>(count: 2, height: 6, width: 6, repeating: 1)

  init() throws { twin = try Twin(.small(.cavity)) }

  @Test(
    "layers of the wrong number or size are refused with both shapes",
    arguments: [[2, 32, 32], [3, 31, 32], [3, 32, 16]])
  func layerShape(shape: [Int]) {
    let wrong = Stack<Float>(count: shape[0], height: shape[1], width: shape[2])
    let expected = TwinError.shape(name: "layers", found: shape, expected: [3, 32, 32])
    #expect(throws: expected) { try twin.forward(layers: wrong, inputs: inputs) }
    #expect(throws: expected) { try twin.record(layers: wrong, inputs: inputs) }
  }

  @Test("images of the wrong size are refused")
  func inputShape() {
    #expect(throws: TwinError.shape(name: "inputs", found: [2, 6, 5], expected: [2, 6, 6])) {
      try twin.forward(layers: layers, inputs: Stack(count: 2, height: 6, width: 5))
    }
  }

  @Test("a gradient of the wrong shape is refused")
  func gradientShape() throws {
    let tape = try twin.record(layers: layers, inputs: inputs)
    #expect(throws: TwinError.shape(name: "intensityGradient", found: [2, 16, 16], expected: [2, 32, 32])) {
      try twin.gradient(tape, intensityGradient: Stack(count: 2, height: 16, width: 16))
    }
  }

  @Test("NaN and infinity are refused with their place", arguments: [Float.nan, .infinity, -.infinity])
  func nonFinite(value: Float) {
    var badLayers = layers
    badLayers.values[77] = value
    #expect(throws: TwinError.nonFinite(name: "layers", index: 77)) {
      try twin.forward(layers: badLayers, inputs: inputs)
    }
    var badInputs = inputs
    badInputs.values[5] = value
    #expect(throws: TwinError.nonFinite(name: "inputs", index: 5)) {
      try twin.record(layers: layers, inputs: badInputs)
    }
  }

  @Test("an empty batch is answered with nothing")
  func emptyBatch() throws {
    let none = Stack<Float>(count: 0, height: 6, width: 6)
    #expect(try twin.forward(layers: layers, inputs: none).count == 0)
    let tape = try twin.record(layers: layers, inputs: none)
    let gradient = try twin.gradient(tape, intensityGradient: tape.intensities, ofParameters: true)
    #expect(gradient.layers.values.allSatisfy { $0 == 0 })
  }

  @Test("a tape of another twin is refused, even where all sizes agree, and is not recorded over")
  func strangeTape() throws {
    let wide = try Twin<Float>(.small(.planes, padding: 4, bandLimit: true))
    let tape = try twin.record(layers: layers, inputs: inputs)
    #expect(throws: TwinError.self) {
      try wide.gradient(tape, intensityGradient: tape.intensities, ofParameters: true)
    }
    let other = try wide.record(layers: layers, inputs: inputs, tape: tape)
    #expect(other !== tape)
    #expect(try twin.record(layers: layers, inputs: inputs, tape: tape) === tape)
    let moved = try twin.with(twin.parameters)
    #expect(try moved.gradient(tape, intensityGradient: tape.intensities).layers.count == layers.count)
  }

  @Test("a detector block that does not divide the region is refused with the numbers", arguments: [3, 0, -1, 64])
  func detectorBlock(block: Int) {
    let error = #expect(throws: TwinError.self) { try twin.forward(layers: layers, inputs: inputs, block: block) }
    #expect(error?.description.contains("32×32") == true)
    #expect(error?.description.contains("\(block)") == true)
  }

  struct Mistake: Sendable, CustomStringConvertible {
    let description: String
    let twin: TwinDescription

    init(_ description: String, _ change: (inout TwinDescription) -> Void) {
      self.description = description
      var twin = TwinDescription.small(.planes)
      change(&twin)
      self.twin = twin
    }
  }

  static let mistakes: [Mistake] = [
    Mistake("grid of 1") { $0.geometry.grid = 1 },
    Mistake("grid too large") { $0.geometry.grid = 1 << 20 },
    Mistake("no layers") { $0.geometry.layers = 0 },
    Mistake("sampling 0") { $0.geometry.sampling = 0 },
    Mistake("padding below 1") { $0.geometry.padding = 0.9 },
    Mistake("padding NaN") { $0.geometry.padding = .nan },
    Mistake("pitch 0") { $0.geometry.pitch = 0 },
    Mistake("wavelength NaN") { $0.geometry.wavelength = .nan },
    Mistake("distance infinite") { $0.geometry.distance = .infinity },
    Mistake("image larger than the grid") { $0.input.block = 6 },
    Mistake("image of no pixels") { $0.input.size = 0 },
    Mistake("region outside") { $0.detector.region = Region(x: 20, y: 0, width: 16, height: 16) },
    Mistake("region negative") { $0.detector.region = Region(x: -1, y: 0, width: 16, height: 16) },
    Mistake("region empty") { $0.detector.region = Region(x: 0, y: 0, width: 0, height: 16) },
    Mistake("detector block that does not divide") { $0.detector.block = 5 },
  ]

  @Test("a bench that cannot be is refused when the twin is made", arguments: mistakes)
  func description(mistake: Mistake) throws {
    let error = #expect(throws: TwinError.self) { try Twin<Float>(mistake.twin) }
    guard case .description(let message) = try #require(error) else {
      Issue.record("expected a description error, got \(String(describing: error))")
      return
    }
    #expect(!message.isEmpty)
  }
}
