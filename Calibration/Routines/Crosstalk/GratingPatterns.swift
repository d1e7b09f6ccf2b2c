import Arrays

/// Layer patterns of fine gratings, which show how far the phase of a pixel reaches: tiles with the saw teeth of one grating and an offset
/// of their own on one layer, random squares on the others, so that light of every order stays in view.
public struct GratingPatterns: Sendable, Equatable {
  /// Saw teeth of one turn, 2, 3 or 4 pixels wide.
  public struct Grating: Sendable, Equatable {
    public var period: Int
    public var isAlongY: Bool
    /// Whether the phase falls with the coordinate; teeth of two pixels have no direction.
    public var falls: Bool

    public init(period: Int, isAlongY: Bool, falls: Bool) {
      (self.period, self.isAlongY, self.falls) = (period, isAlongY, falls)
    }

    /// The phase at a pixel in turns.
    func turns(x: Int, y: Int) -> Double {
      let place = Double((isAlongY ? y : x) % period) / Double(period)
      return falls ? 1 - place : place
    }

    /// Each that there is, once.
    public static let all = [2, 3, 4].flatMap { period in
      [false, true].flatMap { isAlongY in
        (period == 2 ? [false] : [false, true]).map { Grating(period: period, isAlongY: isAlongY, falls: $0) }
      }
    }
  }

  public var layers: Int
  public var grid: Int
  /// Pixels along each side of a tile.
  public var tile = 12

  public init(layers: Int, grid: Int) { (self.layers, self.grid) = (layers, grid) }

  /// `count` times `[layers, grid, grid]` in radians: every grating once, in turn on every layer, and then layers whose tiles have any of
  /// them.
  public func series(_ count: Int, seed: UInt64) -> [Stack<Float>] {
    let random = CounterRandom(seed: seed)
    let squares = SquarePatterns(layers: layers, grid: grid)
    return (0..<count).map { index in
      var pattern = squares.pattern(index, random: random, greyLevels: true)
      let draws = random.stream(named: "gratings").child(UInt64(index))
      if index < Grating.all.count {
        fill(&pattern, index % layers, draws) { _ in Grating.all[index] }
      } else {
        for layer in 0..<layers {
          fill(&pattern, layer, draws.child(UInt64(layer))) {
            Grating.all[draws.integer(below: Grating.all.count, at: UInt64(1_000_000 + $0))]
          }
        }
      }
      return pattern
    }
  }

  private func fill(
    _ pattern: inout Stack<Float>, _ layer: Int, _ draws: CounterRandom, _ grating: (_ tile: Int) -> Grating
  ) {
    let tiles = (grid + tile - 1) / tile
    for number in 0..<tiles * tiles {
      let (grating, offset) = (grating(number), draws.uniform(at: UInt64(number)))
      for y in number / tiles * tile..<min(grid, (number / tiles + 1) * tile) {
        for x in number % tiles * tile..<min(grid, (number % tiles + 1) * tile) {
          pattern[layer, y, x] = CounterRandom.panelPhase(turns: grating.turns(x: x, y: y) + offset)
        }
      }
    }
  }
}
