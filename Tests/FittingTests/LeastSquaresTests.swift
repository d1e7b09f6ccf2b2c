import Arrays
import Fitting
import Testing

@Suite struct LeastSquaresTests {
  /// Rosenbrock's valley as a sum of squares; its lowest point is (1, 1).
  private let valley = ResidualProblem { [10 * ($0[1] - $0[0] * $0[0]), 1 - $0[0]] }

  @Test("the bottom of a curved valley is found")
  func valleyFloor() throws {
    var search = LevenbergMarquardt()
    search.maximumIterations = 100
    let result = try search.minimise(valley, from: [-1.2, 1], bounds: [-5...5, -5...5])
    #expect(abs(result.values[0] - 1) < 1e-5 && abs(result.values[1] - 1) < 1e-5)
    #expect(result.cost < 1e-10)
    // JᵀJ at (1, 1) in closed form; the last full one is a step away from there.
    for (found, exact) in zip(result.normal.curvature, [401.0, -200, -200, 100]) {
      #expect(abs(found - exact) < 0.02 * abs(exact))
    }
  }

  @Test("an unknown at its bound stays there, and the others find the best values for it")
  func bounds() throws {
    // (x − 3)² + (y − x)² with x at most 1: the lowest point is (1, 1).
    let problem = ResidualProblem { [$0[0] - 3, $0[1] - $0[0]] }
    let result = try LevenbergMarquardt().minimise(problem, from: [0, -2], bounds: [-1...1, -5...5])
    #expect(result.values[0] == 1)
    #expect(abs(result.values[1] - 1) < 1e-5)
  }

  @Test("a start is never made worse, and a point without a model is not taken")
  func neverWorse() throws {
    struct Cliff: LeastSquaresProblem {
      func cost(at values: [Double]) -> Double { values[0] > 0.5 ? .infinity : (values[0] - 1) * (values[0] - 1) / 2 }
      func normalEquations(at values: [Double]) -> NormalEquations {
        var normal = NormalEquations(unknowns: 1)
        normal.add(residuals: [values[0] - 1], columns: [[1]])
        return normal
      }
    }
    let result = try LevenbergMarquardt().minimise(Cliff(), from: [0], bounds: [-5...5])
    #expect(result.values[0] > 0.4 && result.values[0] <= 0.5)
    let lowest = try LevenbergMarquardt().minimise(valley, from: [1, 1], bounds: [-5...5, -5...5])
    #expect(lowest.values == [1, 1])
  }

  @Test("a curvature that is used again leads to the same point with fewer derivatives")
  func reuse() throws {
    final class Count { var full = 0 }
    struct Counted: LeastSquaresProblem {
      let count: Count
      func residuals(_ v: [Double]) -> [Double] {
        [v[0] - 2 + 0.1 * v[1] * v[1], v[1] + 1 + 0.1 * v[0] * v[1], v[0] * v[1]]
      }
      func cost(at values: [Double]) -> Double { residuals(values).reduce(0) { $0 + $1 * $1 } / 2 }
      func normalEquations(at values: [Double]) throws -> NormalEquations {
        count.full += 1
        return try ResidualProblem { residuals($0) }.normalEquations(at: values)
      }
      func slope(at v: [Double]) -> [Double]? {
        let r = residuals(v)
        return [r[0] + 0.1 * v[1] * r[1] + v[1] * r[2], 0.2 * v[1] * r[0] + (1 + 0.1 * v[0]) * r[1] + v[0] * r[2]]
      }
    }
    var search = LevenbergMarquardt()
    search.maximumIterations = 60
    search.tolerance = 1e-13
    let (often, seldom) = (Count(), Count())
    let expected = try search.minimise(Counted(count: often), from: [0, 0], bounds: [-9...9, -9...9])
    search.reuses = 10
    let found = try search.minimise(Counted(count: seldom), from: [0, 0], bounds: [-9...9, -9...9])
    #expect(zip(found.values, expected.values).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(seldom.full < often.full)
  }

  @Test("Adam finds the lowest point inside the bounds and returns the best point that it met")
  func adam() throws {
    var adam = BoundedAdam()
    adam.iterations = 400
    let result = try adam.minimise(from: [0, 0], bounds: [-2...2, -2...0.5]) { v in
      let (x, y) = (v[0] - 1, v[1] - 3)
      return (x * x + 10 * y * y, [2 * x, 20 * y])
    }
    #expect(abs(result.values[0] - 1) < 1e-2 && result.values[1] == 0.5)
    let still = try adam.minimise(from: [1], bounds: [-9...9]) { v in (v[0] == 1 ? -1 : 0, [1]) }
    #expect(still.values == [1] && still.loss == -1)
    #expect(result.iterations == 400 && still.iterations == 400)
    // Behind the edge there is no model: the step that led there is the last one.
    let fallen = try adam.minimise(from: [0], bounds: [-9...9]) { v in (v[0] > 1 ? .infinity : -v[0], [-1]) }
    #expect(fallen.values[0] > 0 && fallen.values[0] <= 1 && (2..<20).contains(fallen.iterations))
  }

  @Test("a matrix times its inverse is one; a matrix that is not positive definite has none", arguments: [1, 3, 12])
  func cholesky(order: Int) throws {
    let random = CounterRandom(seed: 4)
    let factor = (0..<order * order).map { random.normal(at: UInt64($0)) }
    let matrix = (0..<order * order).map { index in
      (0..<order).reduce(index % (order + 1) == 0 ? 0.5 : 0) {
        $0 + factor[index / order * order + $1] * factor[index % order * order + $1]
      }
    }
    let inverse = try #require(Cholesky(matrix, order: order)).inverse
    for row in 0..<order {
      for column in 0..<order {
        let product = (0..<order).reduce(0) { $0 + matrix[row * order + $1] * inverse[$1 * order + column] }
        #expect(abs(product - (row == column ? 1 : 0)) < 1e-9)
      }
    }
    #expect(Cholesky(matrix.map { -$0 }, order: order) == nil)
    #expect(Cholesky([1, 2, 2, 1], order: 2) == nil)
  }
}
