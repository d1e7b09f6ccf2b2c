import Optics

/// A measured kernel with which the phase of neighbouring pixels runs together, on the pixels of a layer. Beyond the layer the
/// phase is zero.
struct CrosstalkKernel: Sendable {
  private let taps: [Double]
  private let height: Int
  private let width: Int
  private let grid: Int

  /// - Throws: ``TwinError/crosstalk(size:plane:)`` when the kernel is larger than the plane, ``TwinError/description(_:)`` when
  ///   it is no kernel.
  init(_ rows: [[Double]], grid: Int) throws(TwinError) {
    height = rows.count
    width = rows.first?.count ?? 0
    self.grid = grid
    let size = max(height, width)
    guard size <= grid else { throw .crosstalk(size: size, plane: grid) }
    let width = width
    guard height % 2 == 1, width % 2 == 1, rows.allSatisfy({ $0.count == width }) else {
      throw .description("the crosstalk kernel needs an odd number of rows of one odd length")
    }
    let sum = rows.joined().reduce(0, +)
    let magnitude = rows.joined().reduce(0) { $0 + abs($1) }
    guard magnitude.isFinite, abs(sum) >= max(1e-9, 1e-3 * magnitude) else {
      throw .description(
        "the crosstalk kernel adds up to \(sum), its magnitudes to \(magnitude); expected weights that can be made to add "
          + "up to 1: a sum of at least 1e-9 and a thousandth of the magnitudes'")
    }
    taps = rows.joined().map { $0 / sum }
  }

  /// Convolves `[grid, grid]` values; the adjoint correlates.
  func apply<Scalar: OpticsScalar>(
    _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>, adjoint: Bool
  ) {
    target.update(repeating: 0, count: grid * grid)
    for (index, tap) in taps.enumerated() where tap != 0 {
      let sign = adjoint ? 1 : -1
      let dy = sign * (index / width - height / 2)
      let dx = sign * (index % width - width / 2)
      let columns = max(0, -dx)..<min(grid, grid - dx)
      for y in max(0, -dy)..<min(grid, grid - dy) {
        for x in columns { target[y * grid + x] += Scalar(tap) * source[(y + dy) * grid + x + dx] }
      }
    }
  }
}
