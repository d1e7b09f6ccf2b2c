import Arrays

/// Turns phases and images into grey levels at their places on the panels.
public struct PatternEncoder: Sendable {
  public let layout: BenchLayout

  public init(layout: BenchLayout) { self.layout = layout }

  /// Draws layers of phases in radians, `[layers, grid, grid]`, wrapped to 2π and rounded to the nearest level.
  public func draw(layers: Stack<Float>, on pattern: inout Pattern) {
    let levels = Float(layout.layers.levelsPerTurn)
    for (layer, origin) in layout.layers.origins.enumerated() {
      draw(layers, plane: layer, at: origin, scale: layout.layers.scale, on: &pattern) { phase in
        let turns = phase / (2 * .pi)
        // Rounding can reach a full turn, which is level 0 again.
        return UInt8(Int(((turns - turns.rounded(.down)) * levels).rounded()) % layout.layers.levelsPerTurn)
      }
    }
  }

  /// Draws image `index` of `[batch, size, size]` values in 0…1.
  public func draw(input inputs: Stack<Float>, index: Int, on pattern: inout Pattern) {
    let full = Float(layout.input.fullLevel)
    draw(inputs, plane: index, at: layout.input.origin, scale: layout.input.scale, on: &pattern) { value in
      UInt8((min(max(value, 0), 1) * full).rounded())
    }
  }

  private func draw(
    _ stack: Stack<Float>, plane: Int, at origin: PanelPoint, scale: Int, on pattern: inout Pattern,
    level: (Float) -> UInt8
  ) {
    let width = pattern.width
    stack.values.withUnsafeBufferPointer { values in
      pattern.levels.withUnsafeMutableBufferPointer { levels in
        for y in 0..<stack.height {
          let row = values[(plane * stack.height + y) * stack.width..<(plane * stack.height + y + 1) * stack.width]
          let start = (origin.y + y * scale) * width + origin.x
          for (x, value) in row.enumerated() {
            let grey = level(value)
            for sub in 0..<scale { levels[start + x * scale + sub] = grey }
          }
          for copy in 1..<scale {
            for x in 0..<stack.width * scale { levels[start + copy * width + x] = levels[start + x] }
          }
        }
      }
    }
  }
}
