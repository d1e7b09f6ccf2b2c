import Arrays

/// Carries fields from plane to plane: forward, adjoint, and what gradients need.
///
/// The plane of interest occupies rows `[0, height)` and columns `[0, width)` of a larger canvas of zeros. A light path is
/// one `enter`, then hops (``hop(_:conjugate:_:)``) and layers (``cross(_:saving:_:)``) in turn, and one `leave`; the adjoint
/// path is one ``enterAdjoint(field:weights:_:)``, then hops and layers in reverse. A hop stands between any two of the
/// others. The transforms along rows belong to `enter`, `cross` and `leave`, those along columns to the hop, so that each
/// finds its lines in the cache; between the calls the light is where only the engine knows.
///
/// An engine is immutable and shared by threads; what one image needs is an ``EngineState``. Arrays *in the engine's order*
/// come from ``pack(complex:into:)`` and its kin, and lie in an ``AlignedBuffer``, at its start or a whole number of planes
/// behind. In the samples that pad the plane, packed arrays are zero; fields that an engine gives back may hold anything
/// finite there, until a product with a packed array clears it. Arrays called row-major are `[height, width]` of the plane
/// without gaps, complex ones interleaved.
public protocol PropagationEngine<Scalar>: AnyObject, Sendable {
  associatedtype Scalar: OpticsScalar

  /// The plane of interest.
  var plane: PlaneGrid { get }
  /// The zero-padded plane.
  var canvas: PlaneGrid { get }
  /// For logs: `fftw`, `block/avx512`, `block/avx2` or `block/baseline`.
  var name: String { get }
  /// Scalars of a real plane in this engine's order; a complex plane has twice as many.
  var planeCount: Int { get }
  /// Scalars of a real spectrum in this engine's order.
  var spectrumCount: Int { get }

  /// The memory of one thread.
  func makeState() -> EngineState<Scalar>

  /// The transfer function e^(i·phase), with the transforms' normalisation folded in.
  ///
  /// - Parameter phase: the phase in radians at a frequency (fx, fy) in 1/m, or nil where nothing passes.
  func makeTransfer(phase: (_ fx: Double, _ fy: Double) -> Double?) -> TransferFunction<Scalar>

  // MARK: Order

  func pack(complex rowMajor: UnsafePointer<Scalar>, into packed: UnsafeMutablePointer<Scalar>)
  func pack(real rowMajor: UnsafePointer<Scalar>, into packed: UnsafeMutablePointer<Scalar>)
  func unpack(complex packed: UnsafePointer<Scalar>, into rowMajor: UnsafeMutablePointer<Scalar>)
  func unpack(real packed: UnsafePointer<Scalar>, into rowMajor: UnsafeMutablePointer<Scalar>)
  /// The product of two complex planes in the engine's order; `product` may be one of them.
  func multiply(
    _ field: UnsafePointer<Scalar>, by factor: UnsafePointer<Scalar>, into product: UnsafeMutablePointer<Scalar>)

  // MARK: Forward

  /// Begins with a real field.
  func enter(amplitude rowMajor: UnsafePointer<Scalar>, _ state: EngineState<Scalar>)
  /// Begins with a complex field in the engine's order.
  func enter(field: UnsafePointer<Scalar>, _ state: EngineState<Scalar>)
  /// Begins with the product of a real plane and a complex one in the engine's order, which `saved` receives in that order.
  func enter(
    amplitude rowMajor: UnsafePointer<Scalar>, times factor: UnsafePointer<Scalar>,
    saving saved: UnsafeMutablePointer<Scalar>?, _ state: EngineState<Scalar>)
  /// Filters the spectrum with a transfer function, or with its conjugate: the adjoint.
  func hop(_ transfer: TransferFunction<Scalar>, conjugate: Bool, _ state: EngineState<Scalar>)
  /// U ← t·U; `saved` receives U as it was before. Both in the engine's order.
  func cross(
    _ transmission: UnsafePointer<Scalar>, saving saved: UnsafeMutablePointer<Scalar>?, _ state: EngineState<Scalar>)
  /// Ends with |U|² in row-major order, and with U in the engine's order when `field` is given.
  func leave(
    field: UnsafeMutablePointer<Scalar>?, intensity rowMajor: UnsafeMutablePointer<Scalar>,
    _ state: EngineState<Scalar>)
  /// Ends with U in the engine's order.
  func leave(field: UnsafeMutablePointer<Scalar>, _ state: EngineState<Scalar>)

  // MARK: Adjoint

  /// Begins with the adjoint field A = 2∂L/∂conj(U) of an intensity: A = 2·w·U, w = ∂L/∂|U|².
  ///
  /// - Parameters:
  ///   - field: U in the engine's order, as `leave` gave it.
  ///   - rowMajor: the weights w.
  func enterAdjoint(
    field: UnsafePointer<Scalar>, weights rowMajor: UnsafePointer<Scalar>, _ state: EngineState<Scalar>)
  /// phaseGradient += Im(conj(t·before)·A), the derivative of the loss by the phase of t; then A ← conj(t)·A if the path
  /// `continues`, else it ends here. `phaseGradient` is real, in the engine's order.
  func crossBack(
    _ transmission: UnsafePointer<Scalar>, before: UnsafePointer<Scalar>,
    phaseGradient: UnsafeMutablePointer<Scalar>, continues: Bool, _ state: EngineState<Scalar>)
  /// gradient += conj(before)·A, so that dL = Re Σ conj(gradient)·dt; then as above. `gradient` is complex.
  func crossBack(
    _ transmission: UnsafePointer<Scalar>, before: UnsafePointer<Scalar>, gradient: UnsafeMutablePointer<Scalar>,
    continues: Bool, _ state: EngineState<Scalar>)
  /// The adjoint hop, which also adds Im(conj(F source)·conj(H)·F A) to `spectrumGradient`: the derivative of the loss by the
  /// phase of H at each frequency.
  ///
  /// - Parameters:
  ///   - source: the field before the hop, complex, in the engine's order.
  ///   - spectrumGradient: real, ``spectrumCount`` scalars in the engine's order of frequencies.
  func hopBack(
    _ transfer: TransferFunction<Scalar>, source: UnsafePointer<Scalar>,
    spectrumGradient: UnsafeMutablePointer<Scalar>, _ state: EngineState<Scalar>)

  // MARK: Derivatives by what a hop depends on

  /// A function of frequency as ``spectrumCount`` numbers in the engine's order of frequencies; 0 where it is not finite, which it
  /// may be where nothing passes.
  func weights(_ weight: (_ fx: Double, _ fy: Double) -> Double) -> AlignedBuffer<Double>
  /// Σ over frequencies of a real spectrum, as ``hopBack(_:source:spectrumGradient:_:)`` adds it up, times weights as
  /// ``weights(_:)`` gives them.
  func sum(_ spectrum: UnsafePointer<Scalar>, weightedBy weights: AlignedBuffer<Double>) -> Double
  /// i·w·H: the derivative of a transfer function whose phase has the derivative w, as ``weights(_:)`` gives it.
  func derivative(
    of transfer: TransferFunction<Scalar>, phase weights: AlignedBuffer<Double>
  ) -> TransferFunction<Scalar>
}

extension PropagationEngine {
  /// One stretch of free space, cut where the canvas undersamples it when `bandLimit` is set.
  public func makeTransfer(space: FreeSpace, bandLimit: Bool) -> TransferFunction<Scalar> {
    let width = Double(canvas.width) * canvas.pitch
    let height = Double(canvas.height) * canvas.pitch
    return makeTransfer { fx, fy in
      guard let wavenumber = space.wavenumber(fx: fx, fy: fy) else { return nil }
      if bandLimit, !(space.isWithinBand(fx, side: width) && space.isWithinBand(fy, side: height)) { return nil }
      return wavenumber * space.distance
    }
  }
}
