import Arrays
import Measuring
import Optics
import SecondPlant
import Testing
import Twin

/// The twin against a plant by other code, told what is wrong with it: signs, places and the order of effects.
@Suite struct SecondPlantTests {
  private static let description = TwinDescription(
    geometry: GeometryDescription(
      kind: .cavity, wavelength: 850e-9, pitch: 18.4e-6, grid: 32, layers: 3, distance: 2e-3, padding: 2, sampling: 2),
    input: InputDescription(size: 24, block: 1),
    detector: DetectorDescription(block: 2, region: Region(x: 4, y: 4, width: 24, height: 24)),
    modulator: PhaseModulatorDescription(regions: 2))
  private static let setup = Setup(
    wavelength: 850e-9, pitch: 18.4e-6, grid: 32, layers: 3, first: 4, pixels: 12, block: 2)

  /// Angles that leave nothing symmetric.
  private static var aligned: Truth {
    var truth = Truth(gap: 2.03e-3)
    (truth.mirrorX, truth.mirrorY, truth.beamX, truth.beamY) = (1e-3, -0.6e-3, 0.8e-3, 1.2e-3)
    return truth
  }

  /// Grey squares on every layer.
  private static let phases: Stack<Float> = {
    var phases = Stack<Float>(count: 3, height: 32, width: 32)
    let random = CounterRandom(seed: 4)
    for layer in 0..<3 {
      for square in 0..<8 {
        let draws = random.child(UInt64(8 * layer + square))
        let (side, phase) = (3 + draws.integer(below: 6, at: 0), Float(draws.uniform(in: 0.3...6, at: 1)))
        let (left, top) = (draws.integer(below: 32 - side, at: 2), draws.integer(below: 32 - side, at: 3))
        for y in top..<top + side { for x in left..<left + side { phases[layer, y, x] = phase } }
      }
    }
    return phases
  }()

  private static func frame(of truth: Truth) -> Stack<Double> {
    let lit = 4..<28
    let amplitude = (0..<32 * 32).map { lit.contains($0 % 32) && lit.contains($0 / 32) ? 1.0 : 0 }
    return SecondPlant(setup, truth).frame(phases, amplitude: amplitude)
  }

  private static func frame(told truth: Truth) throws -> Stack<Double> {
    var parameters = TwinParameters(nominalFor: description)
    for (name, value) in truth.names(layers: 3) { parameters[name] = value }
    let twin = try Twin<Double>(description, parameters: parameters, threads: 1)
    let light = Stack<Double>(count: 1, height: 24, width: 24, repeating: 1)
    return try twin.forward(layers: phases.converted(), inputs: light, block: 2)
  }

  /// One thing that is wrong, and what a twin with the wrong idea of it would believe.
  struct Effect: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (inout Truth, _ sign: Double) -> Void

    init(_ description: String, _ change: @escaping @Sendable (inout Truth, _ sign: Double) -> Void) {
      testDescription = description
      self.change = change
    }
  }

  static let effects: [Effect] =
    [
      Effect("mirror along x") { $0.mirrorX = 1e-3 * $1 },
      Effect("mirror along y") { $0.mirrorY = 1e-3 * $1 },
      Effect("beam along x") { $0.beamX = 1e-3 * $1 },
      Effect("beam along y") { $0.beamY = 1e-3 * $1 },
      Effect("gap") { $0.gap += 50e-6 * $1 },
      Effect("slope of the response") { $0.slope = 0.05 * $1 },
      Effect("bow of the response") { $0.bow = 0.1 * $1 },
      Effect("cubic of the response") { $0.cubic = 0.3 * $1 },
      Effect("a quarter's response") { $0.quarters = Array(repeating: [0, 0.1 * $1, 0, -0.1 * $1], count: 3) },
      Effect("crosstalk") { $0.crosstalk = $1 > 0 ? 8e-6 : 0 },
      Effect("fill") { $0.fill = $1 > 0 ? 0.9 : 1 },
      Effect("phase of the gaps") { ($0.fill, $0.deadPhase) = (0.85, 1.5 * $1) },
      Effect("light at the edges") { $0.curvature = 0.3 * $1 },
      Effect("light along x") { $0.slopeX = 0.2 * $1 },
      Effect("light along y") { $0.slopeY = 0.2 * $1 },
      Effect("camera along x") { $0.cameraX = 20e-6 * $1 },
      Effect("camera along y") { $0.cameraY = 20e-6 * $1 },
      Effect("camera turned") { $0.rotation = 50e-3 * $1 },
      Effect("camera scaled") { $0.scale = 1 + 0.05 * $1 },
      Effect("camera tilted about y") { $0.keystoneX = 150 * $1 },
      Effect("camera tilted about x") { $0.keystoneY = 150 * $1 },
      Effect("point spread") { $0.pointSpread = $1 > 0 ? 12e-6 : 0 },
    ]
    + (0..<8).flatMap { index in
      [
        Effect("Zernike \(4 + index) of the source") { $0.source[index] = 0.4 * $1 },
        Effect("Zernike \(4 + index) of the relay") { $0.relay[index] = 0.4 * $1 },
        Effect("Zernike \(4 + index) of the second layer") { truth, sign in
          truth.flatness = Array(repeating: Array(repeating: 0, count: 8), count: 3)
          truth.flatness[1][index] = 0.4 * sign
        },
      ]
    }

  @Test(
    "a twin that is told what is wrong computes what the other plant shows, and with the opposite does not",
    arguments: effects)
  func conventions(_ effect: Effect) throws {
    var (truth, opposite) = (Self.aligned, Self.aligned)
    effect.change(&truth, 1)
    effect.change(&opposite, -1)
    let shown = Self.frame(of: truth)
    let right = Discrepancy(try Self.frame(told: truth), shown).pearson
    let wrong = Discrepancy(try Self.frame(told: opposite), shown).pearson
    #expect(right < 1e-3)
    #expect(wrong > 3 * right)
  }
}
