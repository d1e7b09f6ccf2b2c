import Arrays

/// Layer patterns of square cells, each of a random phase: every part of the light meets every part of the layers, which is what a free
/// form needs (Schroff et al., arXiv 2408.07672). They tell little about angles that are far off; squares do
/// (``SquarePatterns``). Phases are those that a panel shows exactly (``CounterRandom/panelPhase(at:)``).
public struct CellPatterns: Sendable, Equatable {
  public var layers: Int
  public var grid: Int
  /// Pixels along each side of a cell.
  public var cell: Int

  public init(layers: Int, grid: Int, cell: Int = 4) { (self.layers, self.grid, self.cell) = (layers, grid, cell) }

  /// `count` times `[layers, grid, grid]` in radians, 0 to below 2π.
  public func series(_ count: Int, seed: UInt64) -> [Stack<Float>] {
    let random = CounterRandom(seed: seed).stream(named: "cells")
    let side = (grid + cell - 1) / cell
    return (0..<count).map { index in
      let draws = random.child(UInt64(index))
      var phases = Stack<Float>(count: layers, height: grid, width: grid)
      for layer in 0..<layers {
        for y in 0..<grid {
          for x in 0..<grid {
            let position = (layer * side + y / cell) * side + x / cell
            phases[layer, y, x] = draws.panelPhase(at: UInt64(position))
          }
        }
      }
      return phases
    }
  }
}
