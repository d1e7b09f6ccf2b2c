import Numerics

/// The transfer function of a ``FreeSpace``, or of several in a row, sampled on a padded canvas in the block order of a
/// ``SpectralTransform``, with the transform's normalisation folded in.
public struct TransferFunction<Scalar: OpticsScalar>: Sendable {
  /// Interleaved factors in block order.
  public let factors: AlignedBuffer<Scalar>

  /// - Parameters:
  ///   - phase: the phase in radians at a frequency (fx, fy) in 1/m, or nil where nothing passes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(transform: SpectralTransform<Scalar>, phase: (_ fx: Double, _ fy: Double) -> Double?) {
    let canvas = transform.canvas
    factors = AlignedBuffer(count: 2 * canvas.count)
    let scale = 1 / Double(canvas.count)
    for ky in 0..<canvas.height {
      let fy = PlaneGrid.frequency(bin: ky, length: canvas.height, pitch: canvas.pitch)
      for kx in 0..<canvas.width {
        let fx = PlaneGrid.frequency(bin: kx, length: canvas.width, pitch: canvas.pitch)
        guard let angle = phase(fx, fy) else { continue }
        let index = 2 * transform.blockIndex(ky, kx)
        factors.pointer[index] = Scalar(scale * Double.cos(angle))
        factors.pointer[index + 1] = Scalar(scale * Double.sin(angle))
      }
    }
  }

  /// One stretch of free space, cut where the canvas undersamples it when `bandLimit` is set.
  public init(transform: SpectralTransform<Scalar>, space: FreeSpace, bandLimit: Bool) {
    let canvas = transform.canvas
    let width = Double(canvas.width) * canvas.pitch
    let height = Double(canvas.height) * canvas.pitch
    self.init(transform: transform) { fx, fy in
      guard let wavenumber = space.wavenumber(fx: fx, fy: fy) else { return nil }
      if bandLimit, !(space.isWithinBand(fx, side: width) && space.isWithinBand(fy, side: height)) { return nil }
      return wavenumber * space.distance
    }
  }
}

extension SpectralTransform {
  /// Σ over frequencies of a real spectrum in block order (as ``filterAdjoint(_:by:source:gradient:scratch:sourceScratch:)``
  /// accumulates it) times `weight(fx, fy)`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func sum(_ spectrum: UnsafePointer<Scalar>, weightedBy weight: (_ fx: Double, _ fy: Double) -> Double)
    -> Double
  {
    var total = 0.0
    for ky in 0..<canvas.height {
      let fy = PlaneGrid.frequency(bin: ky, length: canvas.height, pitch: canvas.pitch)
      for kx in 0..<canvas.width {
        let value = Double(spectrum[blockIndex(ky, kx)])
        guard value != 0 else { continue }
        total += value * weight(PlaneGrid.frequency(bin: kx, length: canvas.width, pitch: canvas.pitch), fy)
      }
    }
    return total
  }
}
