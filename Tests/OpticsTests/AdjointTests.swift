import Arrays
import Numerics
import Optics
import ReferenceOptics
import Testing

@Suite struct AdjointTests {
  struct Case: Sendable, CustomStringConvertible {
    let height: Int
    let width: Int
    let padding: Double
    let method: FreeSpace.Method
    let bandLimit: Bool

    var description: String { "\(height)×\(width) padding \(padding) \(method) limit \(bandLimit)" }
    var grid: PlaneGrid { PlaneGrid(height: height, width: width, pitch: Bench.pitch) }
  }

  static let cases = FreeSpace.Method.allCases.flatMap { method in
    [(32, 32), (21, 35), (17, 8), (1, 9)].flatMap { height, width in
      [1, 1.333, 2].flatMap { padding in
        [true, false].map {
          Case(height: height, width: width, padding: padding, method: method, bandLimit: $0)
        }
      }
    }
  }

  /// |⟨a, forward(b)⟩ − ⟨adjoint(a), b⟩|, relative.
  private func mismatch(
    _ grid: PlaneGrid, _ forward: (Field<Double>) -> Field<Double>, _ adjoint: (Field<Double>) -> Field<Double>
  ) -> Double {
    let (a, b) = (Field<Double>.random(grid, seed: 1), Field<Double>.random(grid, seed: 2))
    let (left, right) = (a.inner(forward(b)), adjoint(a).inner(b))
    return (left - right).length / (a.power * b.power).squareRoot()
  }

  @Test("the adjoint of a propagation passes the dot-product test", arguments: cases)
  func propagator(sizes: Case) throws {
    let propagator = try Propagator<Double>(
      grid: sizes.grid, space: Bench.space(3e-3, sizes.method), padding: sizes.padding, bandLimit: sizes.bandLimit,
      allowUndersampling: true)
    #expect(mismatch(sizes.grid, propagator.forward, propagator.adjoint) < 1e-10)
    let field = Field<Double>.random(sizes.grid, seed: 3)
    #expect(propagator.forward(field).difference(from: propagator.adjoint(field)) > 1e-3)
  }

  private let grid = PlaneGrid(height: 21, width: 34, pitch: Bench.pitch)
  private var layer: PhaseLayer<Double> {
    let random = CounterRandom(seed: 4)
    return PhaseLayer(phases: (0..<grid.count).map { 3 * random.normal(at: UInt64($0)) })
  }
  private let tilt = Tilt(x: 2.1e-3, y: -1.3e-3, wavelength: Bench.wavelength)

  @Test("the adjoint of a phase layer and of a tilt passes the dot-product test")
  func elements() {
    #expect(mismatch(grid, layer.forward, layer.adjoint) < 1e-10)
    #expect(mismatch(grid, tilt.forward, tilt.adjoint) < 1e-10)
  }

  /// A loss behind an element and a hop, with the adjoint field 2∂L/∂conj(U) behind the element.
  private struct Loss {
    let hop: Propagator<Double>
    let weights: [Double]

    init(_ grid: PlaneGrid) throws {
      hop = try Propagator(grid: grid, space: Bench.space(5e-3), padding: 2)
      let random = CounterRandom(seed: 5)
      weights = (0..<grid.count).map { random.normal(at: UInt64($0)) }
    }

    func callAsFunction(_ field: Field<Double>) -> Double {
      zip(hop.forward(field).intensity, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    func adjoint(_ field: Field<Double>) -> Field<Double> {
      let arrived = hop.forward(field)
      return hop.adjoint(
        Field(grid: field.grid, values: zip(arrived.values, weights).map { $0 * Complex(2 * $1, 0) }))
    }
  }

  @Test("the gradient of a phase layer agrees with central differences")
  func phaseGradient() throws {
    let field = Field<Double>.random(grid, seed: 6)
    let loss = try Loss(grid)
    let after = layer.forward(field)
    let gradient = layer.phaseGradient(fieldAfter: after, adjointAfter: loss.adjoint(after))
    let largest = gradient.map { abs($0) }.max() ?? 0
    for index in stride(from: 0, to: grid.count, by: 37) {
      func moved(_ step: Double) -> Double {
        var moved = layer
        moved.phases[index] += step
        return loss(moved.forward(field))
      }
      let difference = (moved(1e-4) - moved(-1e-4)) / 2e-4
      #expect(abs(gradient[index] - difference) < 1e-6 * largest)
    }
  }

  @Test("the gradient of a tilt agrees with central differences")
  func angleGradient() throws {
    let field = Field<Double>.random(grid, seed: 7)
    let loss = try Loss(grid)
    let after = tilt.forward(field)
    let gradient = tilt.angleGradient(fieldAfter: after, adjointAfter: loss.adjoint(after))
    let step = 1e-7
    func moved(_ x: Double, _ y: Double) -> Double {
      loss(Tilt(x: tilt.x + x, y: tilt.y + y, wavelength: tilt.wavelength).forward(field))
    }
    let x = (moved(step, 0) - moved(-step, 0)) / (2 * step)
    let y = (moved(0, step) - moved(0, -step)) / (2 * step)
    #expect(abs(gradient.x / x - 1) < 1e-6)
    #expect(abs(gradient.y / y - 1) < 1e-6)
  }
}
