import Glibc

/// How much noise there is at every step of a diffusion: x_t = √ᾱ_t·x₀ + √(1−ᾱ_t)·ε with t = 1…T (Ho et al., 2020).
///
/// Everything is float64, with ᾱ the running product of 1−β and ᾱ₀ = 1.
public struct NoiseSchedule: Sendable, Equatable {
  /// The rule that β follows.
  public enum Kind: Sendable, Codable, Equatable {
    /// Evenly spaced from `first` to `last` (Ho et al., 2020: 10⁻⁴ to 0.02).
    case linear(first: Double, last: Double)
    /// ᾱ follows a squared cosine with this offset; β is at most 0.999 (Nichol and Dhariwal, 2021: 0.008).
    case cosine(offset: Double)

    public static let linear = Kind.linear(first: 1e-4, last: 0.02)
    public static let cosine = Kind.cosine(offset: 0.008)
  }

  public let kind: Kind
  private let betas: [Double]
  private let alphaBars: [Double]

  /// - Throws: ``DiffusionError/argument(name:found:expected:)`` for fewer than 1 or more than 100,000 steps, for β outside
  ///   0..<1 and for a cosine offset outside 0…1.
  public init(_ kind: Kind = .linear, steps: Int = 1000) throws {
    guard (1...100_000).contains(steps) else {
      throw DiffusionError.argument(name: "steps", found: "\(steps)", expected: "a number from 1 to 100000")
    }
    self.kind = kind
    betas = try Self.betas(kind, steps: steps)
    alphaBars = betas.reduce(into: [1]) { $0.append($0[$0.count - 1] * (1 - $1)) }
  }

  /// T, the number of steps.
  public var steps: Int { betas.count }

  /// β_t, the variance that step `t` in 1…T adds.
  public func beta(_ t: Int) -> Double { betas[t - 1] }

  /// ᾱ_t, the share of the signal's power that is left at `t` in 0…T.
  public func alphaBar(_ t: Int) -> Double { alphaBars[t] }

  /// ln(ᾱ_t/(1−ᾱ_t)), the logarithm of the ratio of signal to noise at `t` in 1…T.
  public func lnSNR(_ t: Int) -> Double { log(alphaBars[t] / (1 - alphaBars[t])) }

  /// β̃_t, the variance of x_{t−1} when x_t and x₀ are known.
  public func betaTilde(_ t: Int) -> Double { (1 - alphaBars[t - 1]) / (1 - alphaBars[t]) * betas[t - 1] }

  private static func betas(_ kind: Kind, steps: Int) throws -> [Double] {
    switch kind {
    case .linear(let first, let last):
      for (name, value) in [("first beta", first), ("last beta", last)] where !(value > 0 && value < 1) {
        throw DiffusionError.argument(name: name, found: "\(value)", expected: "a variance between 0 and 1")
      }
      guard steps > 1 else { return [first] }
      let spacing = (last - first) / Double(steps - 1)
      return (0..<steps).map { first + Double($0) * spacing }
    case .cosine(let offset):
      guard (0...1).contains(offset) else {
        throw DiffusionError.argument(name: "cosine offset", found: "\(offset)", expected: "a number from 0 to 1")
      }
      func level(_ t: Int) -> Double {
        let cosine = cos((Double(t) / Double(steps) + offset) / (1 + offset) * .pi / 2)
        return cosine * cosine
      }
      return (1...steps).map { min(1 - level($0) / level($0 - 1), 0.999) }
    }
  }
}
