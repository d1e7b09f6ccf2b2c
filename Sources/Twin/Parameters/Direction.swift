/// A direction in which a twin changes: how fast each parameter does.
struct Direction: Sendable {
  /// By index of the parameter; absent means that it stays.
  let speeds: [Int: Double]

  init(speeds: [Int: Double]) { self.speeds = speeds }

  /// That of one parameter alone.
  init(parameter: Int) { self.init(speeds: [parameter: 1]) }
}

extension Dependent {
  /// The derivative along a direction; nil when the quantity does not change.
  func slope(along direction: Direction) -> Double? {
    // In the order of the parameters, so that equal directions give equal bits.
    let terms = slopes.keys.sorted().compactMap { index in
      direction.speeds[index].flatMap { speed in slopes[index].map { speed * $0 } }
    }
    return terms.isEmpty ? nil : terms.reduce(0, +)
  }
}
