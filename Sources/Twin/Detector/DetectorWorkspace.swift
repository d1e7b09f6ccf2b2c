import Arrays
import Optics

/// The memory in which one thread computes a detector's samples. It grows to what a detector needs at its first use, so
/// that one workspace serves detectors with other variables too.
package final class DetectorWorkspace<Scalar: OpticsScalar>: @unchecked Sendable {
  /// One row of the plane with margins.
  private(set) var row = AlignedBuffer<Scalar>(count: 0)
  /// Mean intensities and their derivatives.
  private(set) var means = AlignedBuffer<Scalar>(count: 0)
  private(set) var derivatives = AlignedBuffer<Scalar>(count: 0)
  /// Whole planes, for the point spread only.
  private(set) var blurred = AlignedBuffer<Scalar>(count: 0)
  private(set) var scratch = AlignedBuffer<Scalar>(count: 0)
  private(set) var otherScratch = AlignedBuffer<Scalar>(count: 0)

  func reserve(samples: Int, row rowCount: Int, plane: Int, derivative: Bool) {
    Self.grow(&row, to: rowCount)
    Self.grow(&means, to: samples)
    Self.grow(&derivatives, to: samples)
    Self.grow(&blurred, to: plane)
    Self.grow(&scratch, to: plane)
    Self.grow(&otherScratch, to: derivative ? plane : 0)
  }

  private static func grow(_ buffer: inout AlignedBuffer<Scalar>, to count: Int) {
    if buffer.count < count { buffer = AlignedBuffer(count: count) }
  }
}
