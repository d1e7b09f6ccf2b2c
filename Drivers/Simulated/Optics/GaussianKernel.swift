import Foundation

/// A symmetric kernel along both axes of a plane: the weights of the offsets 0, 1, … samples.
struct GaussianKernel: Sendable {
  let weights: [Double]

  var radius: Int { weights.count - 1 }

  /// Samples of a Gaussian whose width is chosen so that the variance of the samples is right.
  ///
  /// - Parameter deviation: in samples.
  init(deviation: Double) {
    var (low, high) = (0.05, deviation + 1)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if GaussianKernel(sampled: middle).variance < deviation * deviation { low = middle } else { high = middle }
    }
    self.init(sampled: high)
  }

  private init(sampled deviation: Double) {
    self.init(radius: Int((5 * deviation).rounded(.up))) { exp(-$0 * $0 / (2 * deviation * deviation)) }
  }

  private var variance: Double {
    weights.enumerated().reduce(0) { $0 + 2 * Double($1.offset * $1.offset) * $1.element }
  }

  /// The integrals of the Gaussian over samples, for a quantity that is constant on each.
  init(ofCells deviation: Double) {
    let width = deviation * 2.0.squareRoot()
    self.init(radius: Int((5 * deviation).rounded(.up))) { erf(($0 + 0.5) / width) - erf(($0 - 0.5) / width) }
  }

  private init(radius: Int, _ shape: (Double) -> Double) {
    let values = (0...max(1, radius)).map { shape(Double($0)) }
    let sum = 2 * values.reduce(0, +) - values[0]
    weights = values.map { $0 / sum }
  }

  /// The blurred plane; zero around it.
  func apply(_ plane: [Double], width: Int, height: Int) -> [Double] {
    transposed(transposed(plane, width, height), height, width)
  }

  /// Blurs along each row and transposes.
  private func transposed(_ plane: [Double], _ width: Int, _ height: Int) -> [Double] {
    var result = [Double](repeating: 0, count: plane.count)
    var line = [Double](repeating: 0, count: width + 2 * radius)
    var blurred = [Double](repeating: 0, count: width)
    for y in 0..<height {
      for x in 0..<width { line[x + radius] = plane[y * width + x] }
      for x in 0..<width { blurred[x] = weights[0] * line[x + radius] }
      for offset in 1...radius {
        let weight = weights[offset]
        for x in 0..<width { blurred[x] += weight * (line[x + radius - offset] + line[x + radius + offset]) }
      }
      for x in 0..<width { result[x * height + y] = blurred[x] }
    }
    return result
  }
}
