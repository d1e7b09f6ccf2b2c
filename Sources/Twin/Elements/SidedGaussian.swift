import Foundation

/// A Gaussian with a width for each of its sides, integrated over samples, with its centre of mass at 0: what moves everything is a plane
/// that is moved.
struct SidedGaussian: Sendable {
  /// Of the offsets −reach … reach.
  let weights: [Double]
  /// The derivatives of the weights by the width of each side.
  let slopes: (left: [Double], right: [Double])

  /// - Parameters:
  ///   - left: standard deviation of the side of smaller coordinates in samples; positive.
  ///   - right: that of the other side.
  init(left: Double, right: Double) {
    let shape = Shape(left: left, right: right)
    let reach = Int((5 * max(left, right)).rounded(.up)) + 1
    let edges = (-reach...reach + 1).map { shape.cumulative(at: Double($0) - 0.5 + shape.mean) }
    func differences(_ value: (Shape.Cumulative) -> Double) -> [Double] {
      zip(edges.dropFirst(), edges).map { value($0) - value($1) }
    }
    weights = differences(\.value)
    slopes = (differences(\.byLeft), differences(\.byRight))
  }

  /// The density 2/(a + b)·φ(x/a) for x < 0 and 2/(a + b)·φ(x/b) beyond, with φ the standard normal one.
  private struct Shape {
    let left: Double
    let right: Double

    /// The integral up to a point that moves with the mean, and its derivatives by both widths.
    struct Cumulative {
      var value: Double
      var byLeft: Double
      var byRight: Double
    }

    private static let meanOfHalf = (2 / Double.pi).squareRoot()

    var mean: Double { Self.meanOfHalf * (right - left) }

    func cumulative(at x: Double) -> Cumulative {
      let sum = left + right
      let width = x < 0 ? left : right
      let density = exp(-x * x / (2 * width * width)) / (2 * Double.pi).squareRoot()
      // From the middle to the point, on its own side.
      let part = 0.5 * erf(x / (width * 2.0.squareRoot()))
      // What widens a side moves the point's relative place on it and the mean, and the share of either side.
      let (place, moves) = (-2 / sum * density * x / width, 2 / sum * density * Self.meanOfHalf)
      let (byLeft, byRight) =
        x < 0
        ? (right / (sum * sum) * (1 + 2 * part), -left / (sum * sum) * (1 + 2 * part))
        : (right / (sum * sum) * (1 - 2 * part), -left / (sum * sum) * (1 - 2 * part))
      return Cumulative(
        value: left / sum + 2 * width / sum * part, byLeft: byLeft + (x < 0 ? place : 0) - moves,
        byRight: byRight + (x < 0 ? 0 : place) + moves)
    }
  }
}
