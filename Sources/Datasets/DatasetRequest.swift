import Arrays

/// Which images of a data set are wanted.
public struct DatasetRequest: Sendable {
  /// What messages call the data set.
  public var name: String
  /// All when nil.
  public var classes: [Int]?
  /// Pixels along each side.
  public var size: Int
  public var split: DatasetSplit
  /// How many; all when nil.
  public var count: Int?
  /// Decides the order.
  public var random: CounterRandom

  public init(
    name: String, classes: [Int]? = nil, size: Int, split: DatasetSplit, count: Int? = nil, random: CounterRandom
  ) {
    (self.name, self.classes, self.size) = (name, classes, size)
    (self.split, self.count, self.random) = (split, count, random)
  }
}
