import Foundation

/// Two halves of Gaussians that meet at their top, integrated over cells, with the centre of mass in the middle cell's middle.
struct SidedKernel: Sendable {
  /// Of what arrives radius cells further left, …, in place, …, radius cells further right.
  private let weights: [Double]

  var radius: Int { weights.count / 2 }

  /// - Parameters:
  ///   - deviation: of both halves on average, in cells.
  ///   - skew: the right half is (1 + skew) times as wide, the left one (1 − skew) times.
  init(ofCells deviation: Double, skew: Double) {
    let (left, right) = (deviation * (1 - skew), deviation * (1 + skew))
    // A half of a Gaussian of width s has the mass s and the first moment s²·√(2/π), in the same unit.
    let middle = (right * right - left * left) / (left + right) * sqrt(2 / .pi)
    func mass(upTo place: Double) -> Double {
      let x = place + middle
      let half = x < 0 ? left : right
      return (left + half * erf(x / (half * sqrt(2)))) / (left + right)
    }
    let radius = Int((5 * max(left, right) + abs(middle)).rounded(.up))
    let values = (-radius...radius).map { mass(upTo: Double($0) + 0.5) - mass(upTo: Double($0) - 0.5) }
    let sum = values.reduce(0, +)
    weights = values.map { $0 / sum }
  }

  /// The blurred plane of `side` × `side` values; zero around it.
  func alongRows(_ plane: [Double], _ side: Int) -> [Double] { blurred(plane, side, step: 1, line: side) }

  func alongColumns(_ plane: [Double], _ side: Int) -> [Double] { blurred(plane, side, step: side, line: 1) }

  private func blurred(_ plane: [Double], _ side: Int, step: Int, line: Int) -> [Double] {
    var result = [Double](repeating: 0, count: plane.count)
    for start in 0..<side {
      for place in 0..<side {
        let value = plane[start * line + place * step]
        for target in max(0, place - radius)...min(side - 1, place + radius) {
          result[start * line + target * step] += weights[target - place + radius] * value
        }
      }
    }
    return result
  }
}
