import Numerics

/// The sampling of a plane: `height × width` samples, `pitch` metres apart in both directions.
public struct PlaneGrid: Sendable, Equatable {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int
  /// Distance between two neighbouring samples in metres.
  public let pitch: Double

  public init(height: Int, width: Int, pitch: Double) {
    self.height = height
    self.width = width
    self.pitch = pitch
  }

  public init(side: Int, pitch: Double) { self.init(height: side, width: side, pitch: pitch) }

  /// The number of samples.
  public var count: Int { height * width }

  /// The same plane with a frame of zeros, `factor` times as wide, rounded up to a length whose transform is fast.
  public func padded(by factor: Double) -> PlaneGrid {
    func length(_ side: Int) -> Int {
      let wanted = Int((Double(side) * factor - 1e-3).rounded(.up))
      return factor == 1 ? side : PlaneGrid.fastLength(atLeast: wanted)
    }
    return PlaneGrid(height: length(height), width: length(width), pitch: pitch)
  }

  /// The smallest even length ≥ `minimum` with no prime factor above 5.
  public static func fastLength(atLeast minimum: Int) -> Int {
    var length = max(2, minimum + minimum % 2)
    while true {
      var rest = length
      for factor in [2, 3, 5] { while rest % factor == 0 { rest /= factor } }
      if rest == 1 { return length }
      length += 2
    }
  }

  /// The spatial frequency in 1/m of bin `index` of a transform of `length` samples, in unshifted order.
  public static func frequency(bin index: Int, length: Int, pitch: Double) -> Double {
    Double(index < (length + 1) / 2 ? index : index - length) / (Double(length) * pitch)
  }
}
