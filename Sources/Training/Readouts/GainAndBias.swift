import Arrays
import Optics

/// G·x + B with one gain and one bias for all pixels or one of each for every pixel, and its derivatives.
enum GainAndBias {
  /// - Parameter gains, biases: one, or one for each pixel.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func forward<Scalar: OpticsScalar>(_ images: Stack<Scalar>, gains: [Float], biases: [Float]) -> Stack<Scalar> {
    var result = images
    for plane in 0..<images.count {
      for (pixel, index) in images.range(ofPlane: plane).enumerated() {
        let number = gains.count == 1 ? 0 : pixel
        result.values[index] = Scalar(gains[number]) * images.values[index] + Scalar(biases[number])
      }
    }
    return result
  }

  /// - Returns: ∂L/∂images, and ∂L/∂gains before ∂L/∂biases.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func pullback<Scalar: OpticsScalar>(
    _ gradient: Stack<Scalar>, images: Stack<Scalar>, gains: [Float]
  ) -> (images: Stack<Scalar>, parameters: [Scalar]) {
    var result = gradient
    var parameters = [Scalar](repeating: 0, count: 2 * gains.count)
    for plane in 0..<gradient.count {
      for (pixel, index) in gradient.range(ofPlane: plane).enumerated() {
        let number = gains.count == 1 ? 0 : pixel
        parameters[number] += gradient.values[index] * images.values[index]
        parameters[gains.count + number] += gradient.values[index]
        result.values[index] = Scalar(gains[number]) * gradient.values[index]
      }
    }
    return (result, parameters)
  }
}
