/// Least squares with a matrix that is known by its products alone: LSMR (Fong and Saunders, SIAM J. Sci. Comput. 33, 2950 (2011)).
///
/// It minimises |A·x − b|² + damping²·|x|². In exact arithmetic it takes the steps of MINRES on the normal equations, so that |Aᵀr|
/// falls in every one of them and an early stop is safe.
public struct LSMR: Sendable {
  /// Steps at most; each needs one product with A and one with Aᵀ.
  public var iterations = 100
  /// The part of its first length at which the gradient is small enough.
  public var tolerance = 1e-6
  /// Weight of |x| beside the residuals.
  public var damping = 0.0

  public init() {}

  /// Where the search ended.
  public struct Result: Sendable, Equatable {
    public var values: [Double]
    /// Steps that were taken.
    public var iterations: Int
    /// The length of the gradient as a part of its first length.
    public var gradient: Double
  }

  public func solve(_ matrix: some LinearOperator, _ right: [Double]) throws -> Result {
    var result = Result(values: [Double](repeating: 0, count: matrix.columns), iterations: 0, gradient: 0)
    var left = right
    let beta = normalise(&left)
    guard beta > 0 else { return result }
    var v = try matrix.transposedProduct(left)
    var alpha = normalise(&v)
    guard alpha > 0 else { return result }
    result.gradient = 1
    let first = alpha * beta
    var (zetaBar, alphaBar) = (first, alpha)
    var (rho, rhoBar, cosineBar, sineBar) = (1.0, 1.0, 1.0, 0.0)
    var direction = v
    var directionBar = result.values
    while result.iterations < iterations, result.gradient > tolerance {
      // Golub and Kahan's bidiagonalisation.
      left = Self.sum(try matrix.product(v), -alpha, left)
      let beta = normalise(&left)
      v = Self.sum(try matrix.transposedProduct(left), -beta, v)
      alpha = normalise(&v)
      // Rotations that take in the damping, make the matrix upper bidiagonal, and its transpose as well.
      let damped = Rotation(alphaBar, damping)
      let turn = Rotation(damped.length, beta)
      let (formerRho, formerRhoBar) = (rho, rhoBar)
      rho = turn.length
      let theta = turn.sine * alpha
      alphaBar = turn.cosine * alpha
      let thetaBar = sineBar * rho
      let bar = Rotation(cosineBar * rho, theta)
      (cosineBar, sineBar, rhoBar) = (bar.cosine, bar.sine, bar.length)
      let zeta = cosineBar * zetaBar
      zetaBar *= -sineBar
      directionBar = Self.sum(direction, -thetaBar * rho / (formerRho * formerRhoBar), directionBar)
      result.values = Self.sum(result.values, zeta / (rho * rhoBar), directionBar)
      direction = Self.sum(v, -theta / rho, direction)
      result.iterations += 1
      result.gradient = abs(zetaBar) / first
    }
    return result
  }

  /// a + factor·b.
  private static func sum(_ a: [Double], _ factor: Double, _ b: [Double]) -> [Double] {
    var sum = a
    for index in sum.indices { sum[index] += factor * b[index] }
    return sum
  }

  /// Divides a vector by its length, which it returns.
  private func normalise(_ vector: inout [Double]) -> Double {
    let length = NormalEquations.product(vector, vector).squareRoot()
    if length > 0 { for index in vector.indices { vector[index] /= length } }
    return length
  }

  /// The rotation that takes (a, b) to (length, 0).
  private struct Rotation {
    let length: Double
    let cosine: Double
    let sine: Double

    init(_ a: Double, _ b: Double) {
      length = (a * a + b * b).squareRoot()
      (cosine, sine) = length > 0 ? (a / length, b / length) : (1, 0)
    }
  }
}
