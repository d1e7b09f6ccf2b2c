/// A point of a curve.
public struct CurvePoint: Codable, Sendable, Equatable {
  public var x: Double
  public var y: Double
  /// The standard deviation of `y`; nil where it is not known, or where there is none.
  public var deviation: Double?

  public init(x: Double, y: Double, deviation: Double? = nil) {
    self.x = x
    self.y = y
    self.deviation = deviation
  }

  /// What its place and its bar reach to.
  var extent: [Double] {
    guard let deviation, deviation > 0 else { return [y] }
    return [y - 2 * deviation, y + 2 * deviation]
  }
}
