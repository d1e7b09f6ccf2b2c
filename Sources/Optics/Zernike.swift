/// The Zernike polynomials in Noll's order and normalisation, J. Opt. Soc. Am. 66, 207 (1976): their mean square over the
/// unit disc is 1, so that a coefficient in radians is the root mean square of its aberration.
///
/// Beyond the unit disc they continue as polynomials of x and y: planes are square, and the caller chooses by the scale of x
/// and y whether the unit circle lies within or around them.
public enum Zernike {
  /// The radial degree n ≥ 0 and the azimuthal frequency m of Noll's index `j` ≥ 1: m > 0 goes with cos mθ, m < 0 with
  /// sin |m|θ.
  public static func indices(noll j: Int) -> (n: Int, m: Int) {
    precondition(j >= 1, "Noll's indices begin with 1")
    var n = 0
    while (n + 1) * (n + 2) / 2 < j { n += 1 }
    let place = j - n * (n + 1) / 2
    let frequency = n.isMultiple(of: 2) ? place / 2 * 2 : (place - 1) / 2 * 2 + 1
    return (n, j.isMultiple(of: 2) ? frequency : -frequency)
  }

  /// The polynomial at (x, y), in units of the disc's radius.
  public static func value(noll j: Int, x: Double, y: Double) -> Double {
    let (n, m) = indices(noll: j)
    let azimuth = power(abs(m), x, y)
    return norm(n, m) * radial(n, abs(m), x * x + y * y).value * (m < 0 ? azimuth.imaginary : azimuth.real)
  }

  /// ∂V/∂x and ∂V/∂y of the polynomial at (x, y), per radius of the disc.
  public static func gradient(noll j: Int, x: Double, y: Double) -> (x: Double, y: Double) {
    let (n, m) = indices(noll: j)
    let radial = radial(n, abs(m), x * x + y * y)
    let azimuth = power(abs(m), x, y)
    // d(x + iy)^m = m·(x + iy)^(m − 1)·(dx + i dy)
    let slope = m == 0 ? (real: 0, imaginary: 0) : power(abs(m) - 1, x, y)
    let order = Double(abs(m)) * radial.value
    let (angular, alongX, alongY) =
      m < 0 ? (azimuth.imaginary, slope.imaginary, slope.real) : (azimuth.real, slope.real, -slope.imaginary)
    return (
      norm(n, m) * (2 * x * radial.slope * angular + order * alongX),
      norm(n, m) * (2 * y * radial.slope * angular + order * alongY)
    )
  }

  private static func norm(_ n: Int, _ m: Int) -> Double { Double(m == 0 ? n + 1 : 2 * (n + 1)).squareRoot() }

  /// R_n^m(r)/r^m as a polynomial of s = r², with its derivative by s.
  private static func radial(_ n: Int, _ m: Int, _ s: Double) -> (value: Double, slope: Double) {
    let (larger, degree) = ((n + m) / 2, (n - m) / 2)
    var coefficient = 1.0
    for k in 0..<degree { coefficient *= Double(n - k) / Double(k + 1) }
    var (value, slope) = (0.0, 0.0)
    for k in 0...degree {
      slope = slope * s + value
      value = value * s + coefficient
      coefficient *= -Double((larger - k) * (degree - k)) / Double((n - k) * (k + 1))
    }
    return (value, slope)
  }

  /// (x + iy)^m.
  private static func power(_ m: Int, _ x: Double, _ y: Double) -> (real: Double, imaginary: Double) {
    var result = (real: 1.0, imaginary: 0.0)
    for _ in 0..<m { result = (result.real * x - result.imaginary * y, result.real * y + result.imaginary * x) }
    return result
  }
}
