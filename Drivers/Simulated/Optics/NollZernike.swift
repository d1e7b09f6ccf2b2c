import Foundation

/// Zernike polynomials in Noll's order and normalisation (R. J. Noll, J. Opt. Soc. Am. 66, 207 (1976)): mean square 1 on
/// the unit disc, even indices with the cosine. Beyond the disc the polynomials continue.
struct NollZernike: Sendable {
  /// The index of the first coefficient of an aberration: defocus. Piston has no effect, tilts are angles and shifts.
  static let first = 4

  private let azimuthal: Int
  private let isCosine: Bool
  private let norm: Double
  /// Coefficients of r^n, r^(n−2), …
  private let radial: [(power: Int, factor: Double)]

  init(_ index: Int) {
    var order = 0
    while (order + 1) * (order + 2) / 2 < index { order += 1 }
    let place = index - order * (order + 1) / 2 - 1
    // Within an order, m rises from 0 or 1 in steps of 2; every m > 0 comes twice.
    azimuthal = order % 2 == 0 ? (place + 1) / 2 * 2 : place / 2 * 2 + 1
    isCosine = index % 2 == 0
    norm = (azimuthal == 0 ? Double(order + 1) : Double(2 * (order + 1))).squareRoot()
    let m = azimuthal
    radial = (0...(order - m) / 2).map { k in
      let numerator = (k % 2 == 0 ? 1 : -1) * tgamma(Double(order - k + 1))
      let denominator =
        tgamma(Double(k + 1)) * tgamma(Double((order + m) / 2 - k + 1)) * tgamma(Double((order - m) / 2 - k + 1))
      return (order - 2 * k, numerator / denominator)
    }
  }

  func value(_ x: Double, _ y: Double) -> Double {
    let r = (x * x + y * y).squareRoot()
    let sum = radial.reduce(0) { $0 + $1.factor * pow(r, Double($1.power)) }
    if azimuthal == 0 { return norm * sum }
    let angle = Double(azimuthal) * atan2(y, x)
    return norm * sum * (isCosine ? cos(angle) : sin(angle))
  }

  /// Σ c_j Z_j(x, y) for coefficients from ``first`` on.
  static func sum(_ coefficients: [Double]) -> @Sendable (_ x: Double, _ y: Double) -> Double {
    let terms = coefficients.enumerated().filter { $0.element != 0 }.map {
      ($0.element, NollZernike(first + $0.offset))
    }
    return { x, y in terms.reduce(0) { $0 + $1.0 * $1.1.value(x, y) } }
  }
}
