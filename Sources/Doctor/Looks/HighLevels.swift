extension Patient {
  /// Images of the input's panel at levels below the highest one.
  public struct HighLevels: Sendable, Equatable {
    /// The lowest level that a display clips which takes levels for those of a television, and one as far below it again.
    public static let (clipped, below): (Int, Int) = (236, 217)

    public var clipped: [Look]
    public var below: [Look]

    public init(clipped: [Look], below: [Look]) { (self.clipped, self.below) = (clipped, below) }
  }
}
