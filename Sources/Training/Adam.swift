import Numerics
import Optics

/// Adam (Kingma and Ba 2015) over a flat array of values.
public struct Adam<Scalar: OpticsScalar>: Sendable, Equatable {
  public var beta1: Double
  public var beta2: Double
  public let epsilon: Double
  private var mean: [Scalar]
  private var square: [Scalar]
  /// β₁ and β₂ to the power of the steps taken.
  private var powers = SIMD2(1.0, 1.0)
  /// Steps taken.
  public private(set) var steps = 0

  public init(count: Int, beta1: Double = 0.9, beta2: Double = 0.99, epsilon: Double = 1e-8) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    mean = [Scalar](repeating: 0, count: count)
    square = mean
  }

  /// Moves `values` against `gradient`, both as long as the optimiser was made for.
  public mutating func step(_ values: inout [Scalar], gradient: [Scalar], rate: Double) {
    precondition(values.count == mean.count && gradient.count == mean.count, "Adam was made for \(mean.count) values")
    steps += 1
    powers *= SIMD2(beta1, beta2)
    let meanCorrection = 1 - powers.x
    let squareCorrection = 1 / (1 - powers.y).squareRoot()
    let count = values.count
    values.withUnsafeMutableBufferPointer { values in
      gradient.withUnsafeBufferPointer { gradient in
        mean.withUnsafeMutableBufferPointer { mean in
          square.withUnsafeMutableBufferPointer { square in
            guard let value = values.baseAddress, let slope = gradient.baseAddress, let mean = mean.baseAddress,
              let square = square.baseAddress
            else { return }
            Scalar.adam(
              value, gradient: slope, mean: mean, square: square, count: count, beta1: Scalar(beta1),
              beta2: Scalar(beta2), rate: Scalar(rate / meanCorrection), correction: Scalar(squareCorrection),
              epsilon: Scalar(epsilon))
          }
        }
      }
    }
  }
}

extension Adam: Codable {
  private enum Key: String, CodingKey { case beta1, beta2, epsilon, mean, square, powers, steps }

  /// Values that the optimiser was made for.
  var count: Int { mean.count }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    beta1 = try container.decode(Double.self, forKey: .beta1)
    beta2 = try container.decode(Double.self, forKey: .beta2)
    epsilon = try container.decode(Double.self, forKey: .epsilon)
    mean = try container.decodeNumbers(forKey: .mean)
    square = try container.decodeNumbers(forKey: .square)
    let powers: [Double] = try container.decodeNumbers(forKey: .powers)
    steps = try container.decode(Int.self, forKey: .steps)
    guard mean.count == square.count, powers.count == 2, (0...1 << 50).contains(steps) else {
      throw DecodingError.dataCorruptedError(
        forKey: .square, in: container, debugDescription: "these are not the moments of one optimiser")
    }
    self.powers = SIMD2(powers[0], powers[1])
  }

  public func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(beta1, forKey: .beta1)
    try container.encode(beta2, forKey: .beta2)
    try container.encode(epsilon, forKey: .epsilon)
    try container.encode(numbers: mean, forKey: .mean)
    try container.encode(numbers: square, forKey: .square)
    try container.encode(numbers: [powers.x, powers.y], forKey: .powers)
    try container.encode(steps, forKey: .steps)
  }
}

/// A learning rate that rises over the first steps and falls along a cosine to a fraction of itself.
public struct CosineRate: Sendable, Codable, Equatable {
  public var peak: Double
  public var warmUp: Int
  public var final: Double

  public init(peak: Double, warmUp: Int = 0, final: Double = 0) {
    self.peak = peak
    self.warmUp = warmUp
    self.final = final
  }

  /// The rate of step `step` of `total`, counted from 0.
  public func callAsFunction(_ step: Int, of total: Int) -> Double {
    if step < warmUp { return peak * Double(step + 1) / Double(warmUp) }
    let part = Double(step - warmUp) / Double(max(1, total - warmUp))
    return peak * (final + (1 - final) * (1 + Double.cos(.pi * min(1, part))) / 2)
  }
}
