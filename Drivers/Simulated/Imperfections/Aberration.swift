import Arrays

/// The aberration of a wavefront: Zernike polynomials from defocus to spherical (Noll 4 … 11) that are drawn from the seed
/// or given, and a smooth random rest of higher order.
public struct Aberration: Sendable, Codable, Equatable {
  /// Root mean square of the drawn polynomials together, in radians.
  public var rms: Double
  /// The coefficients from Noll's index 4 on in radians, when they are not to be drawn.
  public var exact: [Double]?
  /// Root mean square of the random rest in radians, and the length in metres over which it changes.
  public var roughness: Double
  public var roughnessLength: Double

  public init(rms: Double = 0, exact: [Double]? = nil, roughness: Double = 0, roughnessLength: Double = 100e-6) {
    self.rms = rms
    self.exact = exact
    self.roughness = roughness
    self.roughnessLength = roughnessLength
  }

  public static let none = Aberration()
  /// Polynomials that are drawn.
  static let count = 8

  /// The coefficients from Noll's index 4 on.
  func coefficients(_ random: CounterRandom) -> [Double] {
    if let exact { return exact }
    guard rms > 0 else { return [Double](repeating: 0, count: Aberration.count) }
    let drawn = (0..<UInt64(Aberration.count)).map { random.normal(at: $0) }
    let norm = drawn.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return drawn.map { $0 * rms / norm }
  }
}
