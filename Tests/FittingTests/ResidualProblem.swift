import Fitting

/// A problem that is given by its residuals; the Jacobian is taken by forward differences.
struct ResidualProblem: LeastSquaresProblem {
  private let residuals: (_ values: [Double]) throws -> [Double]

  init(_ residuals: @escaping (_ values: [Double]) throws -> [Double]) { self.residuals = residuals }

  func cost(at values: [Double]) throws -> Double { try residuals(values).reduce(0) { $0 + $1 * $1 } / 2 }

  func normalEquations(at values: [Double]) throws -> NormalEquations {
    let (current, step) = (try residuals(values), 1e-7)
    let columns = try values.indices.map { index in
      var moved = values
      moved[index] += step
      return zip(try residuals(moved), current).map { ($0 - $1) / step }
    }
    var normal = NormalEquations(unknowns: values.count)
    normal.add(residuals: current, columns: columns)
    return normal
  }
}
