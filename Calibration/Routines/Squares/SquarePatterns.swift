import Arrays

/// Layer patterns of random squares: of phase π, the paper's calibration patterns (appendix A.1), or of random grey levels.
///
/// Squares of π alone tell neither the sign of the phase, since π and −π are one phase, nor the level at which a turn is
/// full. Every series therefore has grey levels, too.
///
/// Ten squares a layer of 6 to 25 % of its width were found to work; smaller ones and random pixels do not converge.
public struct SquarePatterns: Sendable, Equatable {
  public var layers: Int
  public var grid: Int
  /// Squares on each layer.
  public var squares: Int
  /// Smallest and largest side in units of the grid.
  public var sides: ClosedRange<Double>

  public init(layers: Int, grid: Int, squares: Int = 10, sides: ClosedRange<Double> = 0.06...0.25) {
    self.layers = layers
    self.grid = grid
    self.squares = squares
    self.sides = sides
  }

  /// The patterns of a calibration or of measurements for a fit, `count` times `[layers, grid, grid]` in radians.
  ///
  /// - Parameters:
  ///   - grey: how many of them have grey levels, half when nil. They are spread evenly, so that the fitted frames and the
  ///     held-out ones have their share.
  public func series(_ count: Int, seed: UInt64, grey: Int? = nil) -> [Stack<Float>] {
    let grey = grey ?? count / 2
    let random = CounterRandom(seed: seed)
    return (0..<count).map { index in
      let isGrey = (index + 1) * grey / count > index * grey / count
      return pattern(index, random: random, greyLevels: isGrey)
    }
  }

  /// Pattern `index` of a seed: phases in radians, `[layers, grid, grid]`.
  ///
  /// - Parameter greyLevels: squares of phases over the whole turn instead of π, which a panel shows exactly
  ///     (``CounterRandom/panelPhase(at:)``).
  public func pattern(_ index: Int, random: CounterRandom, greyLevels: Bool = false) -> Stack<Float> {
    let levels = random.stream(named: "square levels").child(UInt64(index))
    var phases = Stack<Float>(count: layers, height: grid, width: grid)
    let draws = random.stream(named: "squares").child(UInt64(index))
    for layer in 0..<layers {
      for square in 0..<squares {
        let position = UInt64(3 * (layer * squares + square))
        let side = max(1, Int((draws.uniform(in: sides, at: position) * Double(grid)).rounded()))
        let left = draws.integer(below: max(1, grid - side + 1), at: position + 1)
        let top = draws.integer(below: max(1, grid - side + 1), at: position + 2)
        let phase = greyLevels ? levels.panelPhase(at: UInt64(layer * squares + square)) : .pi
        for y in top..<min(grid, top + side) {
          for x in left..<min(grid, left + side) { phases[layer, y, x] = phase }
        }
      }
    }
    return phases
  }
}
