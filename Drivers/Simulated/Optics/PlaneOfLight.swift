/// The field on one plane of the plant, and the passes that take it to the next. Between the passes each row is in the
/// spectrum of x. Rows that are known to be dark, or that no one looks at, are left out. A pass takes a few lines at a
/// time, so that they stay in the cache from one transform to the next.
final class PlaneOfLight {
  private let grid: PlantGrid
  private let lines: LineTransform
  private let field: ComplexBuffer
  private let space: ComplexBuffer
  private let spectrum: ComplexBuffer

  init(grid: PlantGrid, lines: LineTransform) {
    self.grid = grid
    self.lines = lines
    field = ComplexBuffer(count: grid.side * lines.stride)
    space = ComplexBuffer(count: LineTransform.together * lines.stride)
    spectrum = ComplexBuffer(count: LineTransform.together * lines.stride)
  }

  private func row(_ y: Int) -> UnsafeMutablePointer<Complex> { field.pointer + y * lines.stride }

  private func line(_ index: Int) -> UnsafeMutablePointer<Complex> { space.pointer + index * lines.stride }

  /// Calls the body with the first row and the number of rows of each group.
  private func eachGroup(_ rows: Range<Int>, _ body: (_ first: Int, _ count: Int) -> Void) {
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: LineTransform.together) {
      body(first, min(LineTransform.together, rows.upperBound - first))
    }
  }

  // MARK: - Rows

  /// Puts a field on the patch, multiplied by factors; both have the patch's `[patchSide, patchSide]` numbers.
  func enter(_ input: [Complex], times factors: [[Complex]]) {
    eachGroup(grid.patch) { first, count in
      for index in 0..<count {
        input.withUnsafeBufferPointer { input in
          guard let start = input.baseAddress else { return }
          patchLine(index).update(from: start + patchOffset(first + index), count: grid.patchSide)
        }
      }
      for factor in factors { multiplyPatch(first, count, by: factor) }
      darken(count, outside: grid.patch)
      lines.forward(space.pointer, to: row(first), count: count)
    }
  }

  /// Multiplies the patch by a layer's transmission and a further factor; what lies beside the patch is lost.
  func cross(_ layer: [Complex], times factor: [Complex]? = nil) {
    eachGroup(grid.patch) { first, count in
      lines.inverse(row(first), to: space.pointer, count: count)
      multiplyPatch(first, count, by: layer)
      if let factor { multiplyPatch(first, count, by: factor) }
      darken(count, outside: grid.patch)
      lines.forward(space.pointer, to: row(first), count: count)
    }
  }

  /// Multiplies every row, in space, by the same factors along x.
  func multiplyRows(by factors: [Complex]) {
    eachGroup(0..<grid.side) { first, count in
      lines.inverse(row(first), to: space.pointer, count: count)
      for index in 0..<count { multiply(line(index), by: factors, count: grid.side) }
      lines.forward(space.pointer, to: row(first), count: count)
    }
  }

  /// The mean intensity over each layer sample of the canvas.
  func detect() -> [Double] {
    let s = grid.sampling
    let scale = 1 / Double(s * s)
    var means = [Double](repeating: 0, count: grid.canvas * grid.canvas)
    means.withUnsafeMutableBufferPointer { means in
      eachGroup(0..<grid.side) { first, count in
        lines.inverse(row(first), to: space.pointer, count: count)
        for index in 0..<count {
          let values = line(index)
          let start = (first + index) / s * grid.canvas
          for x in 0..<grid.canvas {
            var sum = 0.0
            for i in x * s..<(x + 1) * s { sum += (values[i] * values[i]).sum() }
            means[start + x] += sum * scale
          }
        }
      }
    }
    return means
  }

  /// The intensity at every plant sample, `[side, side]` row-major.
  func detectSamples() -> [Double] {
    var samples = [Double](repeating: 0, count: grid.side * grid.side)
    samples.withUnsafeMutableBufferPointer { samples in
      eachGroup(0..<grid.side) { first, count in
        lines.inverse(row(first), to: space.pointer, count: count)
        for index in 0..<count {
          let values = line(index)
          let start = (first + index) * grid.side
          for x in 0..<grid.side { samples[start + x] = (values[x] * values[x]).sum() }
        }
      }
    }
    return samples
  }

  private func patchLine(_ index: Int) -> UnsafeMutablePointer<Complex> { line(index) + grid.patch.lowerBound }

  private func patchOffset(_ y: Int) -> Int { (y - grid.patch.lowerBound) * grid.patchSide }

  private func multiplyPatch(_ first: Int, _ count: Int, by factors: [Complex]) {
    for index in 0..<count {
      multiply(patchLine(index), by: factors, from: patchOffset(first + index), count: grid.patchSide)
    }
  }

  /// Sets lines to zero outside a range.
  private func darken(_ count: Int, outside range: Range<Int>) {
    for index in 0..<count {
      line(index).update(repeating: .zero, count: range.lowerBound)
      (line(index) + range.upperBound).update(repeating: .zero, count: grid.side - range.upperBound)
    }
  }

  // MARK: - Columns

  /// Multiplies the spectrum by a transfer function. Rows outside `source` are taken as dark, those outside `target` are
  /// left as they were; `factors` multiply the target rows.
  func filterColumns(
    from source: Range<Int>, to target: Range<Int>, by transfer: [Complex], then factors: [Complex]? = nil
  ) {
    let side = grid.side
    eachGroup(0..<side) { first, count in
      gather(first, count, source)
      lines.forward(space.pointer, to: spectrum.pointer, count: count)
      for index in 0..<count {
        multiply(spectrum.pointer + index * lines.stride, by: transfer, from: (first + index) * side, count: side)
      }
      lines.inverse(spectrum.pointer, to: space.pointer, count: count)
      if let factors {
        for index in 0..<count { multiply(line(index), by: factors, count: side) }
      }
      scatter(first, count, target)
    }
  }

  private func gather(_ first: Int, _ count: Int, _ rows: Range<Int>) {
    darken(count, outside: rows)
    let stride = lines.stride
    for y in rows {
      let source = row(y) + first
      let target = space.pointer + y
      for index in 0..<count { target[index * stride] = source[index] }
    }
  }

  private func scatter(_ first: Int, _ count: Int, _ rows: Range<Int>) {
    let stride = lines.stride
    for y in rows {
      let source = space.pointer + y
      let target = row(y) + first
      for index in 0..<count { target[index] = source[index * stride] }
    }
  }
}
