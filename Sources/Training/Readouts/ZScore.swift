import Arrays
import Optics

/// Images of zero mean and unit standard deviation each, with what their derivative needs.
struct ZScore<Scalar: OpticsScalar>: Sendable {
  let normalised: Stack<Scalar>
  /// The standard deviation of each image.
  let deviations: [Scalar]

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ images: Stack<Scalar>) {
    var normalised = images
    var deviations: [Scalar] = []
    for plane in 0..<images.count {
      let range = images.range(ofPlane: plane)
      let count = Scalar(range.count)
      var mean: Scalar = 0
      for index in range { mean += images.values[index] }
      mean /= count
      var variance: Scalar = 0
      for index in range {
        let difference = images.values[index] - mean
        variance += difference * difference
      }
      let deviation = max((variance / count).squareRoot(), .leastNormalMagnitude)
      for index in range { normalised.values[index] = (images.values[index] - mean) / deviation }
      deviations.append(deviation)
    }
    self.normalised = normalised
    self.deviations = deviations
  }

  /// From the derivative by the normalised images to that by the images.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func pullback(_ gradient: Stack<Scalar>) -> Stack<Scalar> {
    var result = gradient
    for plane in 0..<gradient.count {
      let range = gradient.range(ofPlane: plane)
      let count = Scalar(range.count)
      var (sum, projection): (Scalar, Scalar) = (0, 0)
      for index in range {
        sum += gradient.values[index]
        projection += gradient.values[index] * normalised.values[index]
      }
      for index in range {
        let centred = gradient.values[index] - sum / count - normalised.values[index] * projection / count
        result.values[index] = centred / deviations[plane]
      }
    }
    return result
  }
}
