import Arrays
import Optics

/// The signed contrast of two regions of the detector, F = g·(I₊ − I₋)/(I₊ + I₋) + b for each pixel of the output, which has
/// half the detector's width.
///
/// The contrast lies in −1…1 and does not see the power of the light or the detector's gain. Where both regions are dark it
/// is 0.
public struct DifferentialReadout: Readout, Equatable {
  /// Which detector samples make a pixel.
  public enum Arrangement: String, Sendable, Codable, CaseIterable {
    /// The left half is I₊, the right half I₋.
    case halves
    /// Even columns are I₊, odd columns I₋.
    case interleaved
  }

  public let arrangement: Arrangement
  public var gain: Float = 1
  public var bias: Float = 0

  public init(_ arrangement: Arrangement = .halves) { self.arrangement = arrangement }

  /// Gain and bias.
  public var parameters: [Float] {
    get { [gain, bias] }
    set { if newValue.count == 2 { (gain, bias) = (newValue[0], newValue[1]) } }
  }

  /// Half the width; nil when that is odd.
  public func outputShape(height: Int, width: Int) -> (height: Int, width: Int)? {
    width.isMultiple(of: 2) ? (height, width / 2) : nil
  }

  public func forward<Scalar: OpticsScalar>(_ intensities: Stack<Scalar>) -> ReadoutPass<Scalar> {
    let contrast = contrast(intensities)
    return ReadoutPass(output: GainAndBias.forward(contrast, gains: [gain], biases: [bias])) { [self] gradient in
      let (inner, parameters) = GainAndBias.pullback(gradient, images: contrast, gains: [gain])
      return (pullback(inner, intensities), parameters)
    }
  }

  /// The offsets in a detector row of the samples that make output column `x` of `width`.
  private func columns(_ x: Int, of width: Int) -> (plus: Int, minus: Int) {
    arrangement == .halves ? (x, x + width) : (2 * x, 2 * x + 1)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func contrast<Scalar: OpticsScalar>(_ intensities: Stack<Scalar>) -> Stack<Scalar> {
    let width = intensities.width / 2
    var result = Stack<Scalar>(count: intensities.count, height: intensities.height, width: width)
    for row in 0..<intensities.count * intensities.height {
      for x in 0..<width {
        let (plus, minus) = columns(x, of: width)
        let (a, b) = (
          intensities.values[row * intensities.width + plus], intensities.values[row * intensities.width + minus]
        )
        result.values[row * width + x] = a + b > 0 ? (a - b) / (a + b) : 0
      }
    }
    return result
  }

  /// ∂F/∂I₊ = 2I₋/(I₊ + I₋)², ∂F/∂I₋ = −2I₊/(I₊ + I₋)².
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func pullback<Scalar: OpticsScalar>(
    _ gradient: Stack<Scalar>, _ intensities: Stack<Scalar>
  ) -> Stack<Scalar> {
    var result = Stack<Scalar>(count: intensities.count, height: intensities.height, width: intensities.width)
    for row in 0..<intensities.count * intensities.height {
      for x in 0..<gradient.width {
        let (plus, minus) = columns(x, of: gradient.width)
        let (first, second) = (row * intensities.width + plus, row * intensities.width + minus)
        let (a, b) = (intensities.values[first], intensities.values[second])
        let sum = a + b
        guard sum > 0 else { continue }
        let slope = 2 * gradient.values[row * gradient.width + x] / sum
        result.values[first] = slope * (b / sum)
        result.values[second] = -slope * (a / sum)
      }
    }
    return result
  }
}

extension ReadoutKind {
  public static let differential = ReadoutKind(
    "differential", "the contrast of the detector's left and right half, with one trained gain and bias",
    samplesPerPixel: 2
  ) { _ in DifferentialReadout(.halves) }
  public static let interleavedDifferential = ReadoutKind(
    "interleavedDifferential", "the contrast of the detector's even and odd columns, with one trained gain and bias",
    samplesPerPixel: 2
  ) { _ in DifferentialReadout(.interleaved) }
}
