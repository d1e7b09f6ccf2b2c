import Arrays
import Fitting
import Testing
import Twin

/// What makes a fit of the source fast: few products for a step, however fine the map is.
@Suite struct SourcePreconditionerTests {
  /// Random phases on cells of four pixels.
  private static func cells(_ draws: CounterRandom) -> Stack<Double> {
    var phases = Stack<Double>(count: 3, height: 32, width: 32)
    for layer in 0..<3 {
      for y in 0..<32 {
        for x in 0..<32 {
          let cell = layer * 64 + y / 4 * 8 + x / 4
          phases[layer, y, x] = 2 * Double.pi * draws.uniform(at: UInt64(cell))
        }
      }
    }
    return phases
  }

  private static func problem(fineness: Int) throws -> (SourceProblem, values: [Double]) {
    var description = TwinDescription(
      geometry: GeometryDescription(
        kind: .cavity, wavelength: 850e-9, pitch: 18.4e-6, grid: 32, layers: 3, distance: 3e-3, padding: 1.5,
        sampling: 1),
      input: InputDescription(size: 7, block: 4), detector: DetectorDescription(block: 1))
    description.source.map = SourceMap(fineness: fineness)
    let nominal = TwinParameters(nominalFor: description)
    let twin = try Twin<Double>(description, parameters: nominal, threads: 1)
    let patterns = (0..<6).map { cells(CounterRandom(seed: 1).child($0)) }
    let input = Stack<Double>(count: 1, height: 7, width: 7, repeating: 1)
    var lit = nominal
    (lit["modulatorZernike5"], lit["illuminationCurvature"], lit["mirrorTiltX"]) = (0.3, 0.2, 2e-4)
    let shown = try twin.with(lit)
    let frames = Stack<Double>(
      count: 6, height: 32, width: 32,
      values: try patterns.flatMap { try shown.forward(layers: $0, inputs: input).values })
    let data = FitData(patterns: patterns, inputs: input, frames: frames, block: 1)
    let moving = try nominal.freeing(["mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY", "modulatorZernike5"]).free
    let unknowns = SourceUnknowns(moving: moving, fineness: fineness, deviations: (0.3, 0.1))
    let problem = SourceProblem(
      twin: twin, data, frames: Array(0..<6), fitsOffset: false, threads: 1, unknowns)
    return (problem, unknowns.values(of: nominal, nil))
  }

  @Test("a step needs few products, and more than that many without the preconditioner", arguments: [8, 16])
  func products(fineness: Int) throws {
    let (problem, values) = try Self.problem(fineness: fineness)
    let (residuals, jacobian) = try problem.linearised(at: values)
    let priors = problem.unknowns.priors(noise: 0.01)
    let rows = StackedRows(jacobian: jacobian, weights: priors.weights, moves: values.map { _ in true })
    let right = (residuals + priors.residuals(at: values)).map { -$0 }
    let preconditioner = try problem.preconditioner(jacobian, priors: priors)
    /// What is left of the residuals after so many products, and how many were made.
    func left(_ products: Int, tolerance: Double, preconditioned: Bool) throws -> (cost: Double, products: Int) {
      var solver = LSMR()
      (solver.iterations, solver.tolerance) = (products, tolerance)
      let found =
        preconditioned
        ? try solver.solve(PreconditionedRows(rows, preconditioner), right) : try solver.solve(rows, right)
      let step = preconditioned ? preconditioner.values(found.values) : found.values
      let cost = zip(try rows.product(step), right).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return (cost, found.iterations)
    }
    let lowest = try left(400, tolerance: 1e-6, preconditioned: false).cost
    let fast = try left(25, tolerance: 1e-2, preconditioned: true)
    #expect(fast.products < 25 && fast.cost < 1.01 * lowest, "\(fast), \(lowest)")
    let slow = try left(fast.products, tolerance: 0, preconditioned: false)
    #expect(slow.cost - lowest > 2 * abs(fast.cost - lowest), "\(slow), \(fast), \(lowest)")
  }
}
