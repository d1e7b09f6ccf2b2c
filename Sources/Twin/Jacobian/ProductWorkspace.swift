import Arrays
import Optics

/// What the layers of one frame are to the light, complex in the engine's order.
final class LayersOfFrame<Scalar: OpticsScalar>: @unchecked Sendable {
  let transmissions: AlignedBuffer<Scalar>
  /// The light before every layer; empty for a twin whose layers have no maps.
  private let before: AlignedBuffer<Scalar>

  init(_ twin: Twin<Scalar>) {
    let (all, ofLight) = Self.counts(twin)
    (transmissions, before) = (AlignedBuffer(count: all), AlignedBuffer(count: ofLight))
  }

  /// Scalars that a frame of a twin has here.
  static func count(_ twin: Twin<Scalar>) -> Int {
    let (all, ofLight) = counts(twin)
    return all + ofLight
  }

  var count: Int { transmissions.count + before.count }

  private static func counts(_ twin: Twin<Scalar>) -> (transmissions: Int, before: Int) {
    let count = 2 * twin.modulators.count * twin.engine.planeCount
    return (count, twin.description.modulator.maps == nil ? 0 : count)
  }

  func fill(
    _ twin: Twin<Scalar>, _ layers: Stack<Scalar>, _ image: UnsafePointer<Scalar>, _ workspace: Workspace<Scalar>
  ) {
    twin.fill(transmissions, layers)
    if before.count > 0 { twin.propagate(image, transmissions.pointer, workspace, keeping: before.pointer) }
  }

  /// The light before a layer, with that before the layers behind it after it; nil when it is not kept.
  func light(_ layer: Int, _ twin: Twin<Scalar>) -> UnsafePointer<Scalar>? {
    before.count == 0 ? nil : UnsafePointer(before.pointer + 2 * layer * twin.engine.planeCount)
  }
}

/// The memory in which one thread computes one product. Planes are complex, in the engine's order unless it is said otherwise.
final class ProductWorkspace<Scalar: OpticsScalar>: @unchecked Sendable {
  let change: AlignedBuffer<Scalar>
  let gradient: AlignedBuffer<Scalar>
  /// Row-major.
  let seen: AlignedBuffer<Scalar>
  /// Real.
  let slope: AlignedBuffer<Scalar>
  /// Made when they are first needed.
  private(set) lazy var layers = LayersOfFrame(twin)
  private let twin: Twin<Scalar>

  init(_ twin: Twin<Scalar>) {
    self.twin = twin
    let packed = 2 * twin.engine.planeCount
    (change, gradient) = (AlignedBuffer(count: packed), AlignedBuffer(count: packed))
    seen = AlignedBuffer(count: 2 * twin.engine.plane.count)
    slope = AlignedBuffer(count: twin.engine.planeCount)
  }
}
