/// A rectangle in samples of a grid or pixels of a panel, origin top-left.
public struct Region: Sendable, Codable, Equatable {
  /// The leftmost column.
  public var x: Int
  /// The topmost row.
  public var y: Int
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The whole of a square grid with so many samples along each side.
  public init(grid: Int) {
    self.init(x: 0, y: 0, width: grid, height: grid)
  }
}
