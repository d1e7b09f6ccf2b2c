extension [Double] {
  /// By what they are multiplied to be closest to others.
  func gain(to others: [Double]) -> Double {
    let power = reduce(0) { $0 + $1 * $1 }
    return power > 0 ? zip(self, others).reduce(0) { $0 + $1.0 * $1.1 } / power : 1
  }
}
