/// A rectangle in samples of a grid or pixels of a panel, origin top-left.
public struct GridRegion: Sendable, Codable, Equatable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}
