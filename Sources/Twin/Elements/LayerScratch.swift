import Arrays
import Optics

/// Memory for the work on one layer.
final class LayerScratch<Scalar: OpticsScalar>: Sendable {
  /// `[grid, grid]`.
  let pixels: AlignedBuffer<Scalar>
  let otherPixels: AlignedBuffer<Scalar>
  let slope: AlignedBuffer<Scalar>
  /// `[side, side]`.
  let shown: AlignedBuffer<Scalar>
  let before: AlignedBuffer<Scalar>
  let work: AlignedBuffer<Scalar>
  let samples: AlignedBuffer<Scalar>
  /// `[side, side]`, complex.
  let filled: AlignedBuffer<Scalar>
  let other: AlignedBuffer<Scalar>
  let transmission: AlignedBuffer<Scalar>

  init(grid: Int, side: Int) {
    pixels = AlignedBuffer(count: grid * grid)
    otherPixels = AlignedBuffer(count: grid * grid)
    slope = AlignedBuffer(count: grid * grid)
    shown = AlignedBuffer(count: side * side)
    before = AlignedBuffer(count: side * side)
    work = AlignedBuffer(count: side * side)
    samples = AlignedBuffer(count: side * side)
    filled = AlignedBuffer(count: 2 * side * side)
    other = AlignedBuffer(count: 2 * side * side)
    transmission = AlignedBuffer(count: 2 * side * side)
  }
}
