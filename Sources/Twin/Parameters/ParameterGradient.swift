/// Adds up the derivatives of a loss by the parameters, from those by the quantities that depend on them.
struct ParameterGradient {
  /// By index of the parameter; empty when they are not wanted.
  private(set) var slopes: [Double]

  /// - Parameter count: parameters; 0 when their derivatives are not wanted.
  init(count: Int) { slopes = [Double](repeating: 0, count: count) }

  var isWanted: Bool { !slopes.isEmpty }

  mutating func add(_ quantity: Dependent, _ derivative: Double) {
    guard isWanted else { return }
    for (index, slope) in quantity.slopes { slopes[index] += slope * derivative }
  }

  mutating func add(_ other: ParameterGradient) {
    for index in other.slopes.indices { slopes[index] += other.slopes[index] }
  }
}
