import Arrays
import Concurrency
import Optics

/// Things of one kind that wait for their next use, so that steady-state work makes none.
final class Pool<Item: Sendable>: Sendable {
  private let make: @Sendable () -> Item
  private let idle = Locked<[Item]>([])

  init(_ make: @escaping @Sendable () -> Item) { self.make = make }

  func borrow<Result>(_ body: (Item) -> Result) -> Result {
    let item = idle.withLock { $0.popLast() } ?? make()
    defer { idle.withLock { $0.append(item) } }
    return body(item)
  }
}

/// The memory in which one thread computes one image.
final class Workspace<Scalar: OpticsScalar>: Sendable {
  /// The light on its way.
  let state: EngineState<Scalar>
  /// `[side, side]`, row-major: amplitude of the input, or weights of the adjoint.
  let plane: AlignedBuffer<Scalar>
  /// `[side, side]`, row-major: intensity at the detector.
  let intensity: AlignedBuffer<Scalar>
  /// `[side, side]`, row-major, complex.
  let field: AlignedBuffer<Scalar>
  /// Complex planes in the engine's order.
  let source: AlignedBuffer<Scalar>
  let repeated: AlignedBuffer<Scalar>
  let transmission: AlignedBuffer<Scalar>
  /// One image's own gradient by the phase of a layer, or by its transmission, in the engine's order.
  let imageSlope: AlignedBuffer<Scalar>
  let imageGradient: AlignedBuffer<Scalar>

  init(_ engine: any PropagationEngine<Scalar>, repeatsInput: Bool) {
    let samples = engine.plane.count
    state = engine.makeState()
    plane = AlignedBuffer(count: samples)
    intensity = AlignedBuffer(count: samples)
    field = AlignedBuffer(count: 2 * samples)
    source = AlignedBuffer(count: 2 * engine.planeCount)
    repeated = AlignedBuffer(count: repeatsInput ? 2 * engine.planeCount : 0)
    transmission = AlignedBuffer(count: repeatsInput ? 2 * engine.planeCount : 0)
    imageSlope = AlignedBuffer(count: repeatsInput ? engine.planeCount : 0)
    imageGradient = AlignedBuffer(count: repeatsInput ? 2 * engine.planeCount : 0)
  }

  var byteCount: Int {
    let buffers = [plane, intensity, field, source, repeated, transmission, imageSlope, imageGradient]
    return state.byteCount + buffers.reduce(0) { $0 + $1.count } * MemoryLayout<Scalar>.stride
  }
}
