import Arrays
import Numerics
import Optics
import ReferenceOptics
import Testing

@Suite struct GratingTests {
  private let grid = Bench.grid(300)

  /// How far an element moves a Gaussian beam in one hop, in metres.
  private func shift(_ element: (Field<Double>) -> Field<Double>) throws -> Double {
    let beam = Field<Double>.gaussian(grid, waist: 0.2e-3)
    let propagator = try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop), padding: 2)
    return propagator.forward(element(beam)).centroid - propagator.forward(beam).centroid
  }

  @Test("a tilt of 3 mrad moves the beam by 102.60031 µm in 34.2 mm, towards −x")
  func tiltShift() throws {
    let tilt = Tilt(x: 3e-3, y: 0, wavelength: Bench.wavelength)
    #expect(abs(try shift(tilt.forward) / -102.60031e-6 - 1) < 1e-6)
    #expect(abs(try shift(tilt.adjoint) / 102.60031e-6 - 1) < 1e-6)
  }

  @Test("a tilt of 1 mrad is 3.7174 pixels a hop and 0.0680062 rad a pixel, in x and in y")
  func tiltPhase() throws {
    let tilt = Tilt(x: 1e-3, y: 0, wavelength: Bench.wavelength)
    #expect(abs(try shift(tilt.forward) / Bench.pitch + 3.7174) < 5e-5)
    let flat = Field<Double>(grid: PlaneGrid(height: 5, width: 7, pitch: Bench.pitch), repeating: .one)
    let x = tilt.forward(flat)
    #expect(abs((x[2, 4] / x[2, 3]).phase + 0.0680062) < 5e-8)
    #expect(abs((x[3, 3] / x[2, 3]).phase) < 1e-12)
    let y = Tilt(x: 0, y: 1e-3, wavelength: Bench.wavelength).forward(flat)
    #expect(abs((y[3, 3] / y[2, 3]).phase + 0.0680062) < 5e-8)
    #expect((y[2, 3] - .one).length < 1e-15, "the phase is zero on the centre sample")
  }

  @Test("a blazed grating of 8 pixels sends all light to 11.549170 mrad")
  func blaze() throws {
    let angle = Double.asin(Bench.wavelength / (8 * Bench.pitch))
    #expect(abs(angle - 11.549170e-3) < 5e-10)
    let layer = PhaseLayer<Double>(phases: (0..<grid.count).map { 2 * .pi * Double($0 % 300 % 8) / 8 })
    let moved = try shift(layer.forward)
    #expect(abs(moved / 394.99917e-6 - 1) < 1e-6)
    #expect(abs(moved / Bench.pitch - 42.9347) < 5e-5)
  }

  /// The power of a layer's light in the plane wave of `order` turns across the plane, relative to all of it.
  private func efficiency(_ phases: [Double], grid: PlaneGrid, order: Int) -> Double {
    let light = PhaseLayer<Double>(phases: phases).forward(Field(grid: grid, repeating: .one))
    let wave = Field<Double>(grid: grid) { _, x in
      Complex(length: 1, phase: 2 * .pi * Double(order * x) / Double(grid.width))
    }
    let overlap = wave.inner(light).length / Double(grid.count)
    return overlap * overlap
  }

  @Test(
    "a blazed grating of b bits has the first-order efficiency sinc²(2⁻ᵇ)",
    arguments: [(1, 0.405285), (2, 0.810569), (3, 0.949641), (4, 0.987215), (8, 0.999950)])
  func quantisation(bits: Int, expected: Double) {
    let levels = 1 << bits
    let width = 8192
    let phases = (0..<width).map { 2 * .pi * Double($0 * levels / width) / Double(levels) }
    let grid = PlaneGrid(height: 1, width: width, pitch: Bench.pitch)
    #expect(abs(efficiency(phases, grid: grid, order: 1) - expected) < 1e-6)
  }

  @Test(
    "random phase errors of deviation σ leave the Strehl ratio e^(−σ²)",
    arguments: [(0.1, 0.990050), (0.3, 0.913931), (0.5, 0.778801)])
  func strehl(deviation: Double, expected: Double) {
    let random = CounterRandom(seed: 6)
    let phases = (0..<grid.count).map { deviation * random.normal(at: UInt64($0)) }
    #expect(abs(efficiency(phases, grid: grid, order: 0) - expected) < 2e-3)
  }
}
