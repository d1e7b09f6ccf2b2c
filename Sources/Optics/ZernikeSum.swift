/// A sum of Zernike polynomials, gathered by azimuthal frequency so that a value costs little however many there are.
public struct ZernikeSum: Sendable {
  /// Coefficients of s⁰, s¹, … (s = x² + y²) that go with Re and Im (x + iy)^m, by m.
  private var cosines: [[Double]] = []
  private var sines: [[Double]] = []

  /// - Parameter coefficients: by Noll index.
  public init(_ coefficients: [Int: Double]) {
    for (index, coefficient) in coefficients.sorted(by: { $0.key < $1.key }) {
      let (n, m) = Zernike.indices(noll: index)
      while cosines.count <= abs(m) {
        cosines.append([])
        sines.append([])
      }
      let terms = Zernike.radialCoefficients(n: n, m: abs(m)).map { $0 * coefficient }
      if m < 0 { Self.add(terms, to: &sines[-m]) } else { Self.add(terms, to: &cosines[m]) }
    }
  }

  private static func add(_ terms: [Double], to sum: inout [Double]) {
    while sum.count < terms.count { sum.append(0) }
    for (power, term) in terms.enumerated() { sum[power] += term }
  }

  /// The sum at (x, y), in units of the disc's radius.
  public func value(x: Double, y: Double) -> Double {
    let s = x * x + y * y
    var (real, imaginary) = (1.0, 0.0)
    var total = 0.0
    for m in cosines.indices {
      total += real * Self.horner(cosines[m], s) + imaginary * Self.horner(sines[m], s)
      (real, imaginary) = (real * x - imaginary * y, real * y + imaginary * x)
    }
    return total
  }

  private static func horner(_ coefficients: [Double], _ s: Double) -> Double {
    var value = 0.0
    for coefficient in coefficients.reversed() { value = value * s + coefficient }
    return value
  }
}

extension Zernike {
  /// The coefficients of s⁰, s¹, … in norm·R_n^m(r)/r^m, s = r².
  static func radialCoefficients(n: Int, m: Int) -> [Double] {
    let (larger, degree) = ((n + m) / 2, (n - m) / 2)
    var coefficient = Double(m == 0 ? n + 1 : 2 * (n + 1)).squareRoot()
    for k in 0..<degree { coefficient *= Double(n - k) / Double(k + 1) }
    var highestFirst: [Double] = []
    for k in 0...degree {
      highestFirst.append(coefficient)
      coefficient *= -Double((larger - k) * (degree - k)) / Double((n - k) * (k + 1))
    }
    return highestFirst.reversed()
  }
}
