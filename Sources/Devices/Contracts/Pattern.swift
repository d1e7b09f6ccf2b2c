/// What a modulator shows: one grey level for each pixel of its panel.
public struct Pattern: Sendable, Equatable {
  public let width: Int
  public let height: Int
  /// Grey levels, row-major; `width * height` of them.
  public var levels: [UInt8]

  /// A panel on which every pixel has the same level.
  public init(width: Int, height: Int, level: UInt8 = 0) {
    self.width = width
    self.height = height
    levels = [UInt8](repeating: level, count: width * height)
  }
}

/// A pattern that a modulator holds and can show at once.
public struct PatternHandle: Sendable, Hashable {
  /// Unique within its modulator.
  public let id: UInt64

  public init(id: UInt64) { self.id = id }
}
