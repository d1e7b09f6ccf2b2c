import Devices
import Foundation
import Simulated
import Testing

@Suite("The light of the hidden plant")
struct LightPathTests {
  @Test("the profile of the source is the Gaussian and the ramps that it is said to be")
  func illumination() throws {
    let source = SourceImperfection(curvature: 0.25, slopeX: 0.08, slopeY: -0.05)
    let bench = try BeamBench(kind: .cavity, layers: 1, distance: 5e-6, light: LightPath(illumination: source))
    let uniform = bench.patch { _, _ in (1, 0) }
    let intensity = bench.plant.intensity(input: uniform, layers: bench.flat())
    let half = 32 * bench.optics.pitch
    for (column, row) in [(16, 16), (16, 48), (48, 16), (32, 32)] {
      let (x, y) = (Double(column - 32) * bench.optics.pitch / half, Double(row - 32) * bench.optics.pitch / half)
      let expected = exp(-2 * (0.25 * (x * x + y * y) + 0.08 * x - 0.05 * y))
      let found = intensity[(row + bench.grid.margin) * bench.grid.canvas + column + bench.grid.margin]
      // The hard edges of the patch ripple.
      #expect(abs(found / expected - 1) < 0.03)
    }
  }

  @Test("defocus of the source lowers the focus by its Strehl ratio", arguments: [0.3, 0.6])
  func strehl(coefficient: Double) throws {
    func focus(_ aberration: [Double]) throws -> Double {
      let bench = try BeamBench(
        layers: 1, grid: 96, distance: 20e-3, canvas: 256, light: LightPath(sourceAberration: aberration))
      let intensity = bench.plant.intensity(
        input: bench.patch { _, _ in (1, 0) }, layers: [bench.lens(focalLength: 40e-3)])
      return intensity[128 * 256 + 128]
    }
    // On the circle around the square, Z₄ = √3(ξ² + η² − 1); the focus is the mean of the field over the square.
    let points = (0..<4000).map { (Double($0) + 0.5) / 4000 }
    let phases = points.map { 3.0.squareRoot() * coefficient * $0 * $0 }
    let mean = SIMD2(phases.reduce(0) { $0 + cos($1) }, phases.reduce(0) { $0 + sin($1) }) / 4000
    let expected = pow((mean * mean).sum(), 2)
    #expect(abs(try focus([coefficient]) / focus([]) - expected) < 0.01)
    #expect(expected < 0.97)
  }

  @Test("defocus of the relay is a longer last hop")
  func relayDefocus() throws {
    let (coefficient, pitch) = (2.0, 9.2e-6)
    // 2√3·c·(2·pitch·f)² is −πλz·f².
    let longer = -2 * 3.0.squareRoot() * coefficient * 4 * pitch * pitch / (.pi * 850e-9)
    let aberrated = try BeamBench(layers: 1, light: LightPath(relayAberration: [coefficient]))
    let moved = try BeamBench(layers: 1, light: LightPath(hops: [longer]))
    let plain = try BeamBench(layers: 1)
    let intensities = [aberrated, moved, plain].map { bench in
      bench.plant.intensity(input: bench.gaussian(waist: 40e-6), layers: bench.flat())
    }
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      let norm = b.reduce(0) { $0 + $1 * $1 }
      return (zip(a, b).reduce(0) { $0 + pow($1.0 - $1.1, 2) } / norm).squareRoot()
    }
    #expect(distance(intensities[0], intensities[1]) < 2e-3)
    #expect(distance(intensities[0], intensities[2]) > 0.03)
  }

  @Test("a coma of the relay displaces the light along its own axis, not along the other")
  func relayAxes() throws {
    let moments = try [[], [0, 0, 0, 0, 0.5]].map { aberration in
      let bench = try BeamBench(layers: 1, light: LightPath(relayAberration: aberration))
      return bench.moments(bench.plant.intensity(input: bench.gaussian(waist: 30e-6), layers: bench.flat()))
    }
    // Noll 8 is √8(3ρ³ − 2ρ)cos θ: along x. The centroid moves by the mean slope of the phase: the frequencies of a waist w
    // have intensity exp(−2(πwf)²), so that ⟨ρ²⟩ is 2·(2·pitch)²/(2πw)².
    let deviation: Double = 2 * 9.2e-6 / (2 * .pi * 30e-6)
    let width = deviation * deviation
    // ∂/∂u of (3(u² + v²) − 2)u is 9u² + 3v² − 2, with ⟨u²⟩ = ⟨v²⟩ = width.
    let slope = 0.5 * 8.0.squareRoot() * (12 * width - 2)
    let expected = -slope * 2 * 9.2e-6 / (2 * .pi)
    #expect(abs(moments[1].x - moments[0].x - expected) < 0.01 * abs(expected))
    #expect(abs(moments[1].y - moments[0].y) < 1e-3 * abs(expected))
  }

  @Test("each hop has the length of its own", arguments: NominalOptics.Kind.allCases)
  func hops(kind: NominalOptics.Kind) throws {
    let hops = kind == .cavity ? [1e-3, -0.5e-3, 2e-3] : [1e-3, -0.5e-3, 2e-3, 0.7e-3]
    let bench = try BeamBench(kind: kind, grid: 96, distance: 4e-3, light: LightPath(hops: hops))
    let waist = 80e-6
    let path = (kind == .cavity ? 2 * 3 * 4e-3 : 4 * 4e-3) + hops.reduce(0, +)
    let expected = waist * (1 + pow(path * 850e-9 / (.pi * waist * waist), 2)).squareRoot()
    let found = bench.moments(bench.plant.intensity(input: bench.gaussian(waist: waist), layers: bench.flat()))
    #expect(abs(found.radius / expected - 1) < 5e-4)
    #expect(throws: SimulatedError.self) { try BeamBench(kind: kind, light: LightPath(hops: [1e-3])) }
  }

  @Test("a repeated input multiplies every layer but the first", arguments: NominalOptics.Kind.allCases)
  func repeatedInput(kind: NominalOptics.Kind) throws {
    let bench = try BeamBench(kind: kind)
    let input = bench.gaussian(waist: 90e-6)
    let lens = bench.lens(focalLength: 10e-3)
    let lenses = [bench.flat()[0], lens, lens]
    let repeated = bench.plant.intensity(input: input, layers: bench.flat(), repeated: lens)
    let written = bench.plant.intensity(input: input, layers: lenses)
    #expect(zip(repeated, written).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test("drawn aberrations have the root mean square that was asked for, the same for the same seed")
  func aberrations() throws {
    let optics = NominalOptics(
      kind: .cavity, wavelength: 850e-9, pitch: 9.2e-6, grid: 32, layers: 3, distance: 1e-3, imageSize: 4, imageBlock: 2
    )
    let truths = try [1, 1, 2].map { (seed: UInt64) in
      var configuration = SimulatedConfiguration(seed: seed)
      configuration.source.aberration.rms = 0.65
      configuration.placement.flatness.rms = 0.15
      return try HiddenBench(configuration, optics: optics).truth()
    }
    #expect(truths[0] == truths[1] && truths[0] != truths[2])
    for (name, rms) in [("modulatorZernike", 0.65), ("plane1Zernike", 0.15), ("plane3Zernike", 0.15)] {
      let squares = (4...11).compactMap { truths[0]["\(name)\($0)"] }.reduce(0) { $0 + $1 * $1 }
      #expect(abs(squares.squareRoot() - rms) < 1e-12)
    }
    #expect(truths[0]["plane1Zernike4"] != truths[0]["plane2Zernike4"])
  }
}
