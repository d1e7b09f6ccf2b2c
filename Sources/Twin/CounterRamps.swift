import Arrays
import Numerics

extension Twin {
  /// Phases, `[layers, grid, grid]`, that undo the beam's and mirror's tilts as far as layers can: with them a tilted bench
  /// behaves at the start of training like an aligned one.
  ///
  /// The beam's tilt is taken back on the first layer. In a cavity, every mirror reflection lies in the middle of a hop;
  /// half of its tilt is taken back on the layer before and half on the layer behind, so that the light walks off least.
  public func counterRamps() -> Stack<Scalar> {
    let geometry = description.geometry
    let ramps = (0..<geometry.layers).map { layer in
      // A cavity's mirror lies behind each layer; half of its tilt moves to the layer after it.
      let before = layer > 0 ? path.mirrorRamps[layer - 1] : PlanePhase()
      let mirror = path.mirrorRamps[layer]
      return (
        x: path.planes[layer].slopeX.value + (before.slopeX.value - mirror.slopeX.value) / 2,
        y: path.planes[layer].slopeY.value + (before.slopeY.value - mirror.slopeY.value) / 2
      )
    }
    var phases = Stack<Scalar>(count: geometry.layers, height: geometry.grid, width: geometry.grid)
    for layer in 0..<geometry.layers {
      for y in 0..<geometry.grid {
        for x in 0..<geometry.grid {
          let position = (x: Double(x - geometry.grid / 2), y: Double(y - geometry.grid / 2))
          let phase = (ramps[layer].x * position.x + ramps[layer].y * position.y) * geometry.pitch
          phases[layer, y, x] = Scalar(-phase)
        }
      }
    }
    return phases
  }
}
