/// Phase and amplitude of the light over a layer, free in form: tensor products of uniform cubic B-splines with n × n coefficients, of
/// which n − 3 intervals cover a side.
public struct LightMap: Sendable, Codable, Equatable {
  /// Coefficients in radians, row by row.
  public var phase: [Double]
  /// The same for the natural logarithm of the amplitude.
  public var logAmplitude: [Double]

  public init(phase: [Double] = [], logAmplitude: [Double] = []) {
    self.phase = phase
    self.logAmplitude = logAmplitude
  }

  /// n.
  var fineness: Int { Int(Double(phase.count).squareRoot().rounded()) }

  /// What is wrong with it; nil when nothing is.
  var problem: String? {
    let n = fineness
    guard n * n == phase.count, (4...512).contains(n) else {
      return "\(phase.count) coefficients of the phase; expected the square of a number in 4…512"
    }
    return logAmplitude.count == phase.count
      ? nil
      : "\(phase.count) coefficients of the phase and \(logAmplitude.count) of the amplitude; expected as many of each"
  }

  /// Phase and logarithm of the amplitude at the centres of `side` × `side` equal squares, row by row.
  package func values(_ side: Int) -> (phase: [Double], logAmplitude: [Double]) {
    let spline = Spline(fineness: fineness)
    return (spline.values(phase, side), spline.values(logAmplitude, side))
  }
}

/// Tensor products of uniform cubic B-splines, n along a side.
struct Spline: Sendable {
  let fineness: Int

  /// What coefficients make at the centres of `side` × `side` equal squares, row by row.
  func values(_ coefficients: [Double], _ side: Int) -> [Double] {
    let taps = (0..<side).map { weights(at: (Double($0) + 0.5) / Double(side) * Double(fineness - 3)) }
    return (0..<side * side).map { index in
      let (rows, columns) = (taps[index / side], taps[index % side])
      return rows.reduce(0) { sum, row in
        sum + row.weight * columns.reduce(0) { $0 + $1.weight * coefficients[row.index * fineness + $1.index] }
      }
    }
  }

  /// n of as many coefficients; nil when there is none.
  static func fineness(_ count: Int) -> Int? {
    let n = Int(Double(count).squareRoot().rounded())
    return n * n == count && (4...512).contains(n) ? n : nil
  }

  /// The four coefficients that matter at a place counted in intervals, by the recursion of Cox and de Boor.
  private func weights(at place: Double) -> [(index: Int, weight: Double)] {
    let interval = min(max(Int(place), 0), fineness - 4)
    let rest = place - Double(interval)
    var basis = [1.0]
    for degree in 1...3 {
      var next = [Double](repeating: 0, count: degree + 1)
      for (k, value) in basis.enumerated() {
        // The support of this spline began degree − 1 − k intervals before the one of the place.
        let part = (rest + Double(degree - 1 - k)) / Double(degree)
        next[k] += (1 - part) * value
        next[k + 1] += part * value
      }
      basis = next
    }
    return basis.enumerated().map { (interval + $0.offset, $0.element) }
  }
}
