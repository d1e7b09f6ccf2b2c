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
    var ramps = path.ramps
    if geometry.kind == .cavity {
      let last = geometry.layers - 1
      let mirror = (0...last).map { layer in
        layer == 0
          ? Ramp(x: path.ramps[0].x - beamRamp.x, y: path.ramps[0].y - beamRamp.y) : path.ramps[layer]
      }
      for layer in 0...last {
        let before = layer > 0 ? mirror[layer - 1] : Ramp()
        ramps[layer].x += (before.x - mirror[layer].x) / 2
        ramps[layer].y += (before.y - mirror[layer].y) / 2
      }
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

  private var beamRamp: Ramp {
    let k = 2 * Double.pi / description.geometry.wavelength
    return Ramp(x: -k * Double.sin(parameters["beamTiltX"]), y: -k * Double.sin(parameters["beamTiltY"]))
  }
}
