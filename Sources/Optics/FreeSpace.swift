import Numerics

/// A stretch of free space, as a transfer function over spatial frequency with the carrier e^(ikz) removed.
///
/// Time dependence is e^(−iωt), so a spectrum component advances by e^(+i(k_z − k)z). Evanescent components are dropped.
public struct FreeSpace: Sendable, Equatable {
  /// How k_z follows from the frequency.
  public enum Method: String, Sendable, Codable, CaseIterable {
    /// The exact angular spectrum, k_z = 2π√(1/λ² − f²).
    case angularSpectrum = "asm"
    /// The paraxial approximation, k_z ≈ k − πλf².
    case fresnel
    /// The non-paraxial split-step kernel of Feit and Fleck as the paper prints it (appendix A.1),
    /// k_z − k = −k_t²/(k + √(k² − k_t²)), which is the exact angular spectrum in another form.
    case paper
  }

  /// Vacuum wavelength in metres.
  public var wavelength: Double
  /// Distance in metres; negative distances propagate backwards.
  public var distance: Double
  /// How k_z follows from the frequency.
  public var method: Method

  public init(wavelength: Double, distance: Double, method: Method = .angularSpectrum) {
    self.wavelength = wavelength
    self.distance = distance
    self.method = method
  }

  /// (k_z − k) in rad/m at the spatial frequency (fx, fy) in 1/m; nil where the wave is evanescent.
  public func wavenumber(fx: Double, fy: Double) -> Double? {
    let squared = fx * fx + fy * fy
    let inverse = 1 / wavelength
    switch method {
    case .angularSpectrum:
      // k_z − k by the difference of the roots would lose five digits.
      let rest = inverse * inverse - squared
      return rest > 0 ? -2 * .pi * squared / (inverse + rest.squareRoot()) : nil
    case .fresnel:
      return -.pi * wavelength * squared
    case .paper:
      let k = 2 * .pi * inverse
      let transverse = 4 * .pi * .pi * squared
      let rest = k * k - transverse
      return rest > 0 ? -transverse / (k + rest.squareRoot()) : nil
    }
  }

  /// The transverse distance in metres that a wave of frequency (fx, fy) walks in x, z·tan θ: minus the derivative of the
  /// phase by 2πfx.
  public func walk(fx: Double, fy: Double) -> Double {
    switch method {
    case .fresnel:
      return wavelength * distance * fx
    case .angularSpectrum, .paper:
      let rest = 1 / (wavelength * wavelength) - fx * fx - fy * fy
      return rest > 0 ? distance * fx / rest.squareRoot() : 0
    }
  }

  /// Whether a canvas of `side` metres holds the walk of every wave of frequency `f` along one axis: the band limit of
  /// Matsushima and Shimobaba, Opt. Express 17, 19662 (2009), |f| ≤ 1/(λ√((2z/side)² + 1)).
  public func isWithinBand(_ f: Double, side: Double) -> Bool {
    abs(walk(fx: f, fy: 0)) <= side / 2
  }

  /// The frequency along one axis in 1/m whose wave walks `walk` metres: the inverse of ``walk(fx:fy:)`` at fy = 0. The
  /// distance must not be zero.
  public func frequency(walk: Double) -> Double {
    switch method {
    case .fresnel: return walk / (wavelength * distance)
    case .angularSpectrum, .paper:
      let sine = walk / Double.hypot(walk, distance)
      return (distance < 0 ? -sine : sine) / wavelength
    }
  }
}
