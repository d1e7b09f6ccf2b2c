import Numerics
import Optics
import Testing

@Suite struct ClosedFormTests {
  struct Beam: Sendable {
    let waist: Double
    let distance: Double
    let width: Double
    let intensity: Double
  }

  @Test(
    "a Gaussian beam has the width and on-axis intensity of theory",
    arguments: [
      Beam(waist: 0.2e-3, distance: 34.2e-3, width: 205.28170e-6, intensity: 0.94920396),
      Beam(waist: 0.1e-3, distance: 34.2e-3, width: 136.24352e-6, intensity: 0.53872641),
      Beam(waist: 0.2e-3, distance: 0.1, width: 241.45629e-6, intensity: 0.68609294),
    ])
  func gaussianBeam(beam: Beam) throws {
    let grid = Bench.grid(300)
    let start = Field<Double>.gaussian(grid, waist: beam.waist)
    let end = try Propagator<Double>(grid: grid, space: Bench.space(beam.distance), padding: 2).forward(start)
    var moment = 0.0
    for (index, intensity) in end.intensity.enumerated() {
      let x = grid.position(index % 300, of: 300)
      moment += intensity * x * x
    }
    let width = 2 * (moment / end.power).squareRoot()
    #expect(abs(width / beam.width - 1) < 1e-5)
    #expect(abs(end[150, 150].lengthSquared / start[150, 150].lengthSquared / beam.intensity - 1) < 1e-5)
  }

  @Test("a Gaussian beam has the Gouy phase and the wavefront radius of theory")
  func gouyPhase() throws {
    let grid = Bench.grid(300)
    let start = Field<Double>.gaussian(grid, waist: 0.2e-3)
    let end = try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop), padding: 2).forward(start)
    #expect(abs(-end[150, 150].phase / 0.227333 - 1) < 1e-5)
    let x = grid.position(160, of: 300)
    let curvature = (end[150, 160] / end[150, 150]).phase
    #expect(abs(Bench.wavenumber * x * x / (2 * curvature) / 0.673281 - 1) < 1e-5)
  }

  private static let period = 16

  /// A grating of 256 columns, uniform along y, after part of its Talbot length.
  private func grating(_ amplitude: (Int) -> Double, talbotLengths: Double) throws -> (start: [Double], end: [Double]) {
    let grid = PlaneGrid(height: 2, width: 256, pitch: Bench.pitch)
    let ratio = Bench.wavelength / (Double(Self.period) * Bench.pitch)
    let talbot = Bench.wavelength / (1 - (1 - ratio * ratio).squareRoot())
    #expect(abs(talbot - 50.982728e-3) < 1e-9)
    let start = Field<Double>(grid: grid) { _, x in Complex(amplitude(x), 0) }
    let propagator = try Propagator<Double>(
      grid: grid, space: Bench.space(talbotLengths * talbot), bandLimit: false, allowUndersampling: true)
    return (start.intensity, propagator.forward(start).intensity)
  }

  @Test("a Ronchi grating images itself after a Talbot length, and shifted by half a period after half of one")
  func talbot() throws {
    let half = Self.period / 2
    let ronchi = { (x: Int) in x % Self.period < half ? 1.0 : 0 }
    let full = try grating(ronchi, talbotLengths: 1)
    #expect(pearson(full.start, full.end) > 0.99999)
    let middle = try grating(ronchi, talbotLengths: 0.5)
    let shifted = try grating({ ronchi($0 + half) }, talbotLengths: 0.5).start
    #expect(pearson(shifted, middle.end) > 0.99999)
    #expect(pearson(middle.start, middle.end) < -0.99999)
  }

  @Test("the fringes of a sinusoidal grating lose their fundamental after a quarter of a Talbot length")
  func quarterTalbot() throws {
    let wave = { (x: Int) in 0.5 * Double.cos(2 * .pi * Double(x) / Double(Self.period)) }
    let result = try grating({ 1 + wave($0) }, talbotLengths: 0.25).end
    for (index, intensity) in result.enumerated() {
      #expect(abs(intensity - (1 + wave(index % 256) * wave(index % 256))) < 1e-9)
    }
  }
}
