import Arrays

/// The memory in which one thread carries one image at a time through a ``PropagationEngine``.
///
/// One canvas of the plane's rows for the FFTW engine and two for the block engine, a few lines of scratch, and as much again
/// from the first ``PropagationEngine/hopBack(_:source:spectrumGradient:_:)`` on.
public final class EngineState<Scalar: OpticsScalar>: @unchecked Sendable {
  /// The light on its way between two planes.
  let field: AlignedBuffer<Scalar>
  /// The same light with rows and columns exchanged, for an engine that moves it to and fro.
  let turned: AlignedBuffer<Scalar>
  /// A few lines.
  let scratch: AlignedBuffer<Scalar>
  /// The light before a hop, when its spectrum is needed beside the adjoint's.
  private(set) lazy var source = AlignedBuffer<Scalar>(count: field.count)
  private(set) lazy var sourceScratch = AlignedBuffer<Scalar>(count: scratch.count)

  /// Memory in bytes, without what ``PropagationEngine/hopBack(_:source:spectrumGradient:_:)`` adds.
  public var byteCount: Int { (field.count + turned.count + scratch.count) * MemoryLayout<Scalar>.stride }

  init(field: Int, turned: Int, scratch: Int) {
    self.field = AlignedBuffer(count: field)
    self.turned = AlignedBuffer(count: turned)
    self.scratch = AlignedBuffer(count: scratch)
  }
}
