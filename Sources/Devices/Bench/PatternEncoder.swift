import Arrays

/// Turns phases and images into grey levels at their places on the panels.
public struct PatternEncoder: Sendable {
  public let layout: BenchLayout
  private let mirrors: MirrorOrder?

  public init(layout: BenchLayout) {
    self.layout = layout
    mirrors = layout.input.mirrors.map(MirrorOrder.init)
  }

  /// Draws layers of phases in radians, `[layers, grid, grid]`, wrapped to 2π and rounded to the nearest one that is shown.
  public func draw(layers: Stack<Float>, on pattern: inout Pattern) {
    let phases = layout.layers.phases ?? layout.layers.levelsPerTurn
    let step = layout.layers.levelsPerTurn / phases
    for (layer, origin) in layout.layers.origins.enumerated() {
      draw(layers, plane: layer, at: origin, scale: layout.layers.scale, on: &pattern) { phase in
        let turns = phase / (2 * .pi)
        // Rounding can reach a full turn, which is level 0 again.
        return UInt8(Int(((turns - turns.rounded(.down)) * Float(phases)).rounded()) % phases * step)
      }
    }
  }

  /// Draws image `index` of `[batch, size, size]` values in 0…1.
  public func draw(input inputs: Stack<Float>, index: Int, on pattern: inout Pattern) {
    let input = layout.input
    if let mirrors { return turn(mirrors, to: inputs, index: index, on: &pattern) }
    let steps = (input.values ?? input.fullLevel + 1) - 1
    draw(inputs, plane: index, at: input.origin, scale: input.scale, on: &pattern) { value in
      UInt8(Self.nearest(value, of: steps) * input.fullLevel / steps)
    }
  }

  /// The step that a value in 0…1 is nearest to; halves go up.
  private static func nearest(_ value: Float, of steps: Int) -> Int {
    Int((min(max(Double(value), 0), 1) * Double(steps)).rounded())
  }

  // MARK: - Mirrors

  private func turn(_ mirrors: MirrorOrder, to inputs: Stack<Float>, index: Int, on pattern: inout Pattern) {
    let input = layout.input
    let (width, full) = (input.scale / mirrors.side, UInt8(input.fullLevel))
    for pixelY in 0..<input.size {
      for pixelX in 0..<input.size {
        let count = count(inputs[index, pixelY, pixelX], of: mirrors.count)
        let start = (input.origin.y + pixelY * input.scale) * pattern.width + input.origin.x + pixelX * input.scale
        for y in 0..<input.scale {
          for x in 0..<input.scale {
            let isOn = mirrors.place(y / width, x / width) < count
            pattern.levels[start + y * pattern.width + x] = isOn ? full : 0
          }
        }
      }
    }
  }

  /// How many of a pixel's mirrors a value turns on; halves go up. Whole numbers, since a quotient would miss the halves.
  private func count(_ value: Float, of mirrors: Int) -> Int {
    guard let values = layout.input.values else { return Self.nearest(value, of: mirrors) }
    let steps = values - 1
    return (2 * Self.nearest(value, of: steps) * mirrors + steps) / (2 * steps)
  }

  // MARK: - Pixels

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

/// The order in which the mirrors of a pixel are turned on: the nearest to its centre first, equally near ones row by row.
private struct MirrorOrder: Sendable {
  /// Mirrors along each side of a pixel.
  let side: Int
  /// The place of each mirror in the order, row by row.
  private let places: [Int32]

  var count: Int { places.count }

  init(side: Int) {
    self.side = side
    // In half mirrors from the centre, so that all numbers are whole.
    let distances = (0..<side * side).map { mirror in
      let (right, down) = (2 * (mirror % side) - side + 1, 2 * (mirror / side) - side + 1)
      return right * right + down * down
    }
    var places = [Int32](repeating: 0, count: side * side)
    let order = distances.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
    for (place, mirror) in order.enumerated() { places[mirror] = Int32(place) }
    self.places = places
  }

  func place(_ row: Int, _ column: Int) -> Int { Int(places[row * side + column]) }
}
