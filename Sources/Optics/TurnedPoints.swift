/// The points (x + c·j + s·i, y + c·i − s·j) of column j and row i, in samples of a square plane: where the samples of a turned,
/// stretched and shifted plane lie on another.
public struct TurnedPoints: Sendable {
  /// Samples along each side of both planes.
  public let side: Int
  /// Where the first sample lies.
  public let x: Double
  public let y: Double
  public let c: Double
  public let s: Double
  /// What turns and stretches leave where it is, along both sides.
  public let center: Double

  public init(side: Int, x: Double, y: Double, c: Double, s: Double, center: Double) {
    (self.side, self.x, self.y, self.c, self.s, self.center) = (side, x, y, c, s, center)
  }
}
