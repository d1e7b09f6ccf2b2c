import Arrays
import Numerics
import Optics
import ReferenceOptics
import Testing

@Suite struct EnergyTests {
  private let grid = Bench.grid(300)

  private func unlimited(_ grid: PlaneGrid, _ distance: Double) throws -> Propagator<Double> {
    try Propagator(grid: grid, space: Bench.space(distance), bandLimit: false, allowUndersampling: true)
  }

  @Test("the power that leaves the window of a padded propagation is the power found beside it")
  func powerBesideTheWindow() throws {
    let field = Field<Double>.randomPhase(grid, seed: 1)
    let padded = try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop), padding: 2, bandLimit: false)
    let window = padded.forward(field)

    let canvas = grid.padded(by: 2)
    let whole = try unlimited(canvas, Bench.hop).forward(
      Field(grid: canvas) { y, x in y < 300 && x < 300 ? field[y, x] : .zero })
    let inside = Field(grid: grid) { whole[$0, $1] }
    #expect(window.difference(from: inside) < 1e-12)
    #expect(abs(whole.power / field.power - 1) < 1e-12)
    let outside = (0..<canvas.count).reduce(0.0) { sum, index in
      index / canvas.width < 300 && index % canvas.width < 300 ? sum : sum + whole.values[index].lengthSquared
    }
    #expect(abs((window.power + outside) / field.power - 1) < 1e-12)
  }

  @Test("a rough beam loses 31 % of its light beside a window of 300 pixels in one hop of 34.2 mm")
  func roughLoss() throws {
    let field = Field<Double>.rough(seed: 2)
    let propagator = try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop), padding: 2)
    #expect(abs(propagator.forward(field).power / field.power - 0.6884) < 0.005)
  }

  @Test("a full window of random phases loses what rays of every angle of the band carry out of it")
  func fullWindowLoss() throws {
    let field = Field<Double>.randomPhase(grid, seed: 2)
    let propagator = try Propagator<Double>(grid: grid, space: Bench.space(Bench.hop), padding: 2)
    // A ray that walks w of N pixels stays with the probability 1 − |w|/N; w is uniform up to 171.91 pixels.
    let kept = 1 - 171.91 / 2 / 300
    #expect(abs(propagator.forward(field).power / field.power - kept * kept) < 0.01)
  }

  @Test("propagation there and back is the identity, and two distances add up", arguments: FreeSpace.Method.allCases)
  func distances(method: FreeSpace.Method) throws {
    let grid = Bench.grid(64)
    func propagated(_ field: Field<Double>, by distance: Double) throws -> Field<Double> {
      try Propagator<Double>(
        grid: grid, space: Bench.space(distance, method), bandLimit: false, allowUndersampling: true
      ).forward(field)
    }
    let field = Field<Double>.random(grid, seed: 3)
    let there = try propagated(field, by: Bench.hop)
    #expect(there.difference(from: field) > 0.1)
    #expect(try propagated(there, by: -Bench.hop).difference(from: field) < 1e-12)
    #expect(try propagated(propagated(field, by: 12e-3), by: 22.2e-3).difference(from: there) < 1e-12)
    #expect(abs(there.power / field.power - 1) < 1e-12)
  }

  @Test("a phase layer and a tilt conserve the power of every sample")
  func phaseOnly() {
    let field = Field<Double>.random(grid, seed: 4)
    let random = CounterRandom(seed: 5)
    let layer = PhaseLayer<Double>(phases: (0..<grid.count).map { 7 * random.normal(at: UInt64($0)) })
    let tilt = Tilt(x: 3e-3, y: -2e-3, wavelength: Bench.wavelength)
    for result in [layer.forward(field), tilt.forward(field)] {
      #expect(result.difference(from: field) > 0.1)
      for (before, after) in zip(field.intensity, result.intensity) { #expect(abs(after - before) <= 1e-14 * before) }
    }
  }
}
