import Arrays
import Optics

/// The memory in which one thread computes the derivatives of one frame.
final class JacobianWorkspace<Scalar: OpticsScalar>: @unchecked Sendable {
  /// The frame itself; its memory is used again.
  var tape: Tape<Scalar>?
  let layers: [ShownLayer<Scalar>]
  /// Complex planes in the engine's order: the light behind each layer, a change on its way, and what is added to it.
  let behind: [AlignedBuffer<Scalar>]
  let change: AlignedBuffer<Scalar>
  let other: AlignedBuffer<Scalar>
  /// The light that enters the first hop, where there is one before the first layer.
  let entering: AlignedBuffer<Scalar>
  /// The light on the detector plane, interleaved row-major.
  let detectorField: AlignedBuffer<Scalar>
  /// By variable of the detector, `[variables, samples]`, and whether each sample follows the light.
  private(set) var detectorColumns = AlignedBuffer<Double>(count: 0)
  private(set) var follows = AlignedBuffer<Scalar>(count: 0)

  init(_ twin: Twin<Scalar>) {
    let packed = 2 * twin.engine.planeCount
    layers = twin.modulators.map { _ in ShownLayer(side: twin.side) }
    behind = twin.modulators.map { _ in AlignedBuffer(count: packed) }
    change = AlignedBuffer(count: packed)
    other = AlignedBuffer(count: packed)
    entering = AlignedBuffer(count: twin.hops.entry == nil ? 0 : packed)
    detectorField = AlignedBuffer(count: 2 * twin.engine.plane.count)
  }

  func reserve(samples: Int) {
    let count = DetectorVariables.Index.allCases.count * samples
    if detectorColumns.count < count { detectorColumns = AlignedBuffer(count: count) }
    if follows.count < samples { follows = AlignedBuffer(count: samples) }
  }
}
