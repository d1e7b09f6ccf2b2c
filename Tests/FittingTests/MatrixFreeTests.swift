import Arrays
import Fitting
import Testing

/// Searches that know derivatives by their products alone, beside the dense ones and closed forms.
@Suite struct MatrixFreeTests {
  /// A matrix that is there.
  struct Matrix: LinearOperator {
    let rows: Int
    let columns: Int
    let elements: [Double]

    func product(_ vector: [Double]) -> [Double] {
      (0..<rows).map { row in (0..<columns).reduce(0) { $0 + elements[row * columns + $1] * vector[$1] } }
    }

    func transposedProduct(_ vector: [Double]) -> [Double] {
      (0..<columns).map { column in (0..<rows).reduce(0) { $0 + elements[$1 * columns + column] * vector[$1] } }
    }

    /// The solution of (AᵀA + d²)x = Aᵀb by Cholesky's factor.
    func solution(_ right: [Double], damping: Double) throws -> [Double] {
      var normal = (0..<columns * columns).map { index in
        (0..<rows).reduce(0) {
          $0 + elements[$1 * columns + index / columns] * elements[$1 * columns + index % columns]
        }
      }
      for index in 0..<columns { normal[index * (columns + 1)] += damping * damping }
      return try #require(Cholesky(normal, order: columns)).solve(transposedProduct(right))
    }
  }

  private static func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    let random = CounterRandom(seed: seed)
    // Columns of different lengths.
    let elements = (0..<rows * columns).map { random.normal(at: UInt64($0)) * Double(1 + $0 % columns) }
    return Matrix(rows: rows, columns: columns, elements: elements)
  }

  @Test("LSMR finds what the normal equations give, with damping and without", arguments: [0, 0.7, 20])
  func normalEquations(damping: Double) throws {
    let matrix = Self.matrix(40, 9, seed: 1)
    let right = (0..<40).map { CounterRandom(seed: 2).normal(at: UInt64($0)) }
    var solver = LSMR()
    solver.damping = damping
    solver.tolerance = 1e-13
    let found = try solver.solve(matrix, right)
    let exact = try matrix.solution(right, damping: damping)
    #expect(zip(found.values, exact).allSatisfy { abs($0 - $1) < 1e-10 })
    #expect(found.iterations <= 12, "as many steps as there are columns, up to rounding")
  }

  @Test("each step of LSMR makes the gradient shorter, and it is the length that is reported")
  func gradient() throws {
    let matrix = Self.matrix(60, 20, seed: 3)
    let right = (0..<60).map { CounterRandom(seed: 4).normal(at: UInt64($0)) }
    func length(_ values: [Double]) -> Double {
      let residuals = zip(right, matrix.product(values)).map { $0 - $1 }
      return matrix.transposedProduct(residuals).reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let start = length([Double](repeating: 0, count: 20))
    var former = start
    for iterations in 1...15 {
      var solver = LSMR()
      (solver.iterations, solver.tolerance) = (iterations, 0)
      let result = try solver.solve(matrix, right)
      let now = length(result.values)
      #expect(now < former * (1 + 1e-12))
      #expect(abs(result.gradient - now / start) < 1e-9)
      former = now
    }
  }

  @Test("nothing to solve has the solution 0")
  func nothing() throws {
    let matrix = Self.matrix(5, 2, seed: 5)
    #expect(try LSMR().solve(matrix, [0, 0, 0, 0, 0]).values == [0, 0])
    let empty = Matrix(rows: 2, columns: 1, elements: [0, 0])
    #expect(try LSMR().solve(empty, [1, 1]).values == [0])
  }

  /// A curved problem that both searches are given: r = A·x + ½(B·x)² − b.
  struct Curved: DifferentiableResiduals, LeastSquaresProblem {
    let linear = MatrixFreeTests.matrix(30, 6, seed: 6)
    let bend = MatrixFreeTests.matrix(30, 6, seed: 7)
    let right = (0..<30).map { 5 * CounterRandom(seed: 8).normal(at: UInt64($0)) }
    var priors = PriorRows(expected: [1, 0, 0, 0, -1, 0], weights: [0, 3, 0, 0.5, 40, 0])

    func residuals(_ values: [Double]) -> [Double] {
      zip(zip(linear.product(values), bend.product(values)), right).map { $0.0 + 0.005 * $0.1 * $0.1 - $1 }
    }

    private func jacobian(_ values: [Double]) -> Matrix {
      let turned = bend.product(values)
      return Matrix(
        rows: 30, columns: 6,
        elements: (0..<180).map { linear.elements[$0] + 0.01 * turned[$0 / 6] * bend.elements[$0] })
    }

    func linearised(at values: [Double]) -> (residuals: [Double], jacobian: Matrix) {
      (residuals(values), jacobian(values))
    }

    func frames(_ values: [Double]) -> Double { residuals(values).reduce(0) { $0 + $1 * $1 } / 2 }
    func cost(at values: [Double]) -> Double { frames(values) }

    func normalEquations(at values: [Double]) -> NormalEquations {
      let jacobian = jacobian(values)
      var normal = NormalEquations(unknowns: 6)
      normal.add(
        residuals: residuals(values),
        columns: (0..<6).map { column in (0..<30).map { jacobian.elements[$0 * 6 + column] } })
      return normal
    }
  }

  /// The same with the priors in the cost, as the dense search has them.
  struct Dense: LeastSquaresProblem {
    let curved = Curved()
    func cost(at values: [Double]) -> Double { curved.frames(values) + curved.priors.cost(at: values) }
    func normalEquations(at values: [Double]) -> NormalEquations {
      var normal = curved.normalEquations(at: values)
      for index in 0..<6 {
        normal.add(
          unknown: index, deviation: values[index] - curved.priors.expected[index], weight: curved.priors.weights[index]
        )
      }
      return normal
    }
  }

  @Test(
    "the search ends where the dense one does, with priors, and with an unknown at its bound", arguments: [9, 0.05])
  func dense(limit: Double) throws {
    let bounds = [ClosedRange<Double>](repeating: -limit...limit, count: 6)
    let start = [Double](repeating: 0, count: 6)
    var expected = LevenbergMarquardt()
    (expected.maximumIterations, expected.tolerance) = (200, 1e-14)
    let exact = try expected.minimise(Dense(), from: start, bounds: bounds)
    var search = GaussNewton()
    (search.maximumIterations, search.tolerance, search.solver.tolerance) = (200, 1e-14, 1e-12)
    let found = try search.minimise(Curved(), from: start, bounds: bounds, priors: Curved().priors)
    #expect(zip(found.values, exact.values).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(abs(found.cost - exact.cost) < 1e-9 * exact.cost)
    #expect((limit < 1) == exact.values.contains { abs($0) == limit }, "the bounds matter in one of the two cases")
  }

  /// A curvature that a preconditioner of two blocks may take for that of six unknowns.
  private static func preconditioner() throws -> Preconditioner {
    func factor(_ order: Int, seed: UInt64) throws -> Cholesky {
      let rows = matrix(9, order, seed: seed)
      let columns = (0..<order).map { column in rows.product((0..<order).map { $0 == column ? 1 : 0 }) }
      return try #require(Cholesky(columns.flatMap { rows.transposedProduct($0) }, order: order))
    }
    return Preconditioner([
      .curvature(try factor(2, seed: 11)),
      .product(rows: try factor(2, seed: 12), columns: try factor(2, seed: 13), scale: 3),
    ])
  }

  @Test("a preconditioner makes its own curvature the unit matrix, and knows its transpose")
  func blocks() throws {
    let (rows, columns) = (Self.matrix(9, 2, seed: 12), Self.matrix(9, 2, seed: 13))
    // Residuals whose curvature is that of the second block: three times a Kronecker product.
    var elements = [Double](repeating: 0, count: 81 * 6)
    for row in 0..<81 {
      for column in 0..<4 {
        let factors = (rows.elements[row / 9 * 2 + column / 2], columns.elements[row % 9 * 2 + column % 2])
        elements[row * 6 + 2 + column] = 3.0.squareRoot() * factors.0 * factors.1
      }
    }
    let product = Matrix(rows: 81, columns: 6, elements: elements)
    let preconditioner = try Self.preconditioner()
    let unit = PreconditionedRows(product, preconditioner)
    for column in 2..<6 {
      let curvature = try unit.transposedProduct(unit.product((0..<6).map { $0 == column ? 1 : 0 }))
      for row in 2..<6 { #expect(abs(curvature[row] - (row == column ? 1 : 0)) < 1e-12) }
    }
    let (a, b) = (Self.matrix(6, 1, seed: 14).elements, Self.matrix(6, 1, seed: 15).elements)
    let forward = NormalEquations.product(preconditioner.values(a), b)
    #expect(abs(forward - NormalEquations.product(a, preconditioner.transposed(b))) < 1e-12)
  }

  @Test(
    "a search ends at the same place with a preconditioner, also with an unknown at its bound", arguments: [9, 0.05])
  func preconditioned(limit: Double) throws {
    struct Changed: DifferentiableResiduals {
      let curved = Curved()
      let other: Preconditioner
      func cost(at values: [Double]) -> Double { curved.cost(at: values) }
      func linearised(at values: [Double]) -> (residuals: [Double], jacobian: Matrix) { curved.linearised(at: values) }
      func preconditioner(_ jacobian: Matrix, priors: PriorRows) -> Preconditioner { other }
    }
    let bounds = [ClosedRange<Double>](repeating: -limit...limit, count: 6)
    var search = GaussNewton()
    (search.maximumIterations, search.tolerance, search.solver.tolerance) = (200, 1e-14, 1e-12)
    let start = [Double](repeating: 0, count: 6)
    let plain = try search.minimise(Curved(), from: start, bounds: bounds, priors: Curved().priors)
    let changed = Changed(other: try Self.preconditioner())
    let found = try search.minimise(changed, from: start, bounds: bounds, priors: Curved().priors)
    #expect(zip(found.values, plain.values).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test("a start is never made worse, and a point without a model is not taken")
  func neverWorse() throws {
    struct Cliff: DifferentiableResiduals {
      func cost(at values: [Double]) -> Double { values[0] > 0.5 ? .infinity : (values[0] - 1) * (values[0] - 1) / 2 }
      func linearised(at values: [Double]) -> (residuals: [Double], jacobian: Matrix) {
        ([values[0] - 1], Matrix(rows: 1, columns: 1, elements: [1]))
      }
    }
    let none = PriorRows(expected: [0], weights: [0])
    let result = try GaussNewton().minimise(Cliff(), from: [0], bounds: [-5...5], priors: none)
    #expect(result.values[0] > 0.3 && result.values[0] <= 0.5)
    let lowest = try GaussNewton().minimise(
      Curved(), from: result.values + [0, 0, 0, 0, 0],
      bounds: [ClosedRange<Double>](repeating: -9...9, count: 6), priors: Curved().priors)
    let again = try GaussNewton().minimise(
      Curved(), from: lowest.values, bounds: [ClosedRange<Double>](repeating: -9...9, count: 6), priors: Curved().priors
    )
    #expect(again.cost <= lowest.cost)
  }
}
