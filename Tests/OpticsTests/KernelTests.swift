import Numerics
import Optics
import Testing

@Suite struct KernelTests {
  // To the corner of the bench's band over its own hop, and to the edge of all propagating waves over a shorter one:
  // beyond that, the rounding of the carrier itself is larger than the tolerance.
  @Test(
    "the paper's kernel with its carrier is the exact angular spectrum",
    arguments: [(Bench.hop, 1 / (2.0.squareRoot() * Bench.pitch)), (1e-3, 0.999 / Bench.wavelength)])
  func paperKernel(distance: Double, edge: Double) throws {
    let k = Bench.wavenumber
    let carrier = Complex<Double>(length: 1, phase: k * distance)
    let paper = Bench.space(distance, .paper)
    for step in 0...400 {
      let f = Double(step) / 400 * edge
      let transverse = 2 * Double.pi * f
      let exact = Complex<Double>(length: 1, phase: (k * k - transverse * transverse).squareRoot() * distance)
      let printed = try #require(paper.wavenumber(fx: 0.6 * f, fy: 0.8 * f))
      #expect((Complex(length: 1, phase: printed * distance) * carrier - exact).length < 1e-10)
    }
  }

  @Test("propagation with the paper's kernel is propagation by the angular spectrum")
  func paperPropagation() throws {
    let grid = Bench.grid(128)
    let field = Field<Double>.random(grid, seed: 1)
    let results = try [FreeSpace.Method.paper, .angularSpectrum].map {
      try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop, $0), padding: 2).forward(field)
    }
    #expect(results[0].difference(from: results[1]) < 1e-10)
  }

  @Test("Fresnel propagation is off by kzθ⁴/8 at the edge of the band, adequate but not equal")
  func fresnelError() throws {
    let edge = 1 / (2 * Bench.pitch)
    let exact = try #require(Bench.space(Bench.hop).wavenumber(fx: edge, fy: 0))
    let fresnel = try #require(Bench.space(Bench.hop, .fresnel).wavenumber(fx: edge, fy: 0))
    #expect(abs(abs(exact - fresnel) * Bench.hop - 0.144) < 5e-4)

    let grid = Bench.grid(128)
    let field = Field<Double>.random(grid, seed: 2)
    let results = try [FreeSpace.Method.fresnel, .angularSpectrum].map {
      try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop, $0), padding: 4).forward(field)
    }
    let difference = results[0].difference(from: results[1])
    #expect(difference > 1e-3 && difference < 0.144)
  }

  @Test(
    "waves beyond the wavelength's own frequency do not propagate",
    arguments: [FreeSpace.Method.angularSpectrum, .paper])
  func evanescent(method: FreeSpace.Method) {
    let space = Bench.space(1e-3, method)
    #expect(space.wavenumber(fx: 1.01 / Bench.wavelength, fy: 0) == nil)
    #expect(space.wavenumber(fx: 0.8 / Bench.wavelength, fy: 0.8 / Bench.wavelength) == nil)
    #expect(space.wavenumber(fx: 0.99 / Bench.wavelength, fy: 0) != nil)
  }
}
