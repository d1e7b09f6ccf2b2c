import Arrays

/// How far two sets of frames differ in shape, whatever their scales: 1 − C averaged over frames, with C the cosine or the
/// Pearson correlation (paper, section 4.3, which leaves open which of them it means). The cosine is flattered by the
/// frames' mean, so both are always reported.
public struct Discrepancy: Sendable, Codable, Equatable {
  public var cosine: Double
  public var pearson: Double

  public init(cosine: Double, pearson: Double) {
    self.cosine = cosine
    self.pearson = pearson
  }

  /// - Parameters: two stacks of the same shape.
  @inlinable
  public init<Scalar>(_ first: Stack<Scalar>, _ second: Stack<Scalar>) {
    var cosine = 0.0
    var pearson = 0.0
    for plane in 0..<first.count {
      let range = first.range(ofPlane: plane)
      let a = first.values[range].map { Double($0) }
      let b = second.values[range].map { Double($0) }
      cosine += 1 - Self.correlation(a, b)
      pearson += 1 - Self.correlation(Self.centred(a), Self.centred(b))
    }
    let count = Double(max(1, first.count))
    self.init(cosine: cosine / count, pearson: pearson / count)
  }

  @usableFromInline
  static func centred(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.map { $0 - mean }
  }

  @usableFromInline
  static func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    let norm = (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
    return norm > 0 ? product / norm : 0
  }
}
