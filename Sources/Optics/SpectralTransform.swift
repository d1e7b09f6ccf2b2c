/// Filters a plane in its spectrum: forward transform, product with a transfer function, inverse transform.
///
/// The plane of interest occupies rows and columns `[0, height)`, `[0, width)` of a larger zero-padded canvas. Rows are
/// transformed in place, columns in blocks of sixteen through a contiguous scratch that stays in the first-level cache and
/// holds them while the transfer function is applied. Rows that are known to be zero, or whose result is cropped, are
/// never transformed. The plans are FFTW's estimates, which are the same in every run, so that equal seeds give equal
/// numbers.
///
/// The transfer function is stored in *block order*: for each block of columns, `[row frequency][column in block]`, with
/// the normalisation 1/(canvas size) folded in, as ``TransferFunction`` writes it.
public final class SpectralTransform<Scalar: OpticsScalar>: @unchecked Sendable {
  /// The plane of interest.
  public let plane: PlaneGrid
  /// The padded plane.
  public let canvas: PlaneGrid

  static var blockWidth: Int { 16 }

  private struct Passes {
    let forward: Scalar.PlanHandle
    let inverse: Scalar.PlanHandle
    let count: Int
  }

  // Plans are immutable after init and FFTW's execute functions are thread-safe.
  private let fullRows: Passes?
  private let lastRows: Passes?
  private let fullColumns: Passes?
  private let lastColumns: Passes?

  /// - Throws: ``OpticsError/transform(height:width:)`` when FFTW has no plan for the size.
  public init(plane: PlaneGrid, canvas: PlaneGrid) throws(OpticsError) {
    self.plane = plane
    self.canvas = canvas
    let block = SpectralTransform.blockWidth
    fullRows = try Self.rows(min(block, plane.height), canvas)
    lastRows = plane.height > block && plane.height % block != 0 ? try Self.rows(plane.height % block, canvas) : nil
    fullColumns = try Self.columns(min(block, canvas.width), canvas)
    lastColumns =
      canvas.width > block && canvas.width % block != 0 ? try Self.columns(canvas.width % block, canvas) : nil
  }

  deinit {
    for case .some(let passes) in [fullRows, lastRows, fullColumns, lastColumns] {
      Scalar.destroy(passes.forward)
      Scalar.destroy(passes.inverse)
    }
  }

  private static func rows(_ count: Int, _ canvas: PlaneGrid) throws(OpticsError) -> Passes {
    let lines = TransformLines(
      length: canvas.width, count: count, sourceStride: 1, sourceDistance: canvas.width, destinationStride: 1,
      destinationDistance: canvas.width, inPlace: true)
    return try passes(forward: lines, inverse: lines, canvas)
  }

  private static func columns(_ count: Int, _ canvas: PlaneGrid) throws(OpticsError) -> Passes {
    let forward = TransformLines(
      length: canvas.height, count: count, sourceStride: canvas.width, sourceDistance: 1, destinationStride: count,
      destinationDistance: 1, inPlace: false)
    let inverse = TransformLines(
      length: canvas.height, count: count, sourceStride: count, sourceDistance: 1, destinationStride: count,
      destinationDistance: 1, inPlace: true)
    return try passes(forward: forward, inverse: inverse, canvas)
  }

  private static func passes(
    forward: TransformLines, inverse: TransformLines, _ canvas: PlaneGrid
  ) throws(OpticsError) -> Passes {
    // A row of an odd number of samples does not start on the boundary that FFTW's vector code wants.
    let aligned = canvas.width % 2 == 0
    guard let there = Scalar.plan(forward, direction: .forward, aligned: aligned),
      let back = Scalar.plan(inverse, direction: .inverse, aligned: aligned)
    else { throw .transform(height: canvas.height, width: canvas.width) }
    return Passes(forward: there, inverse: back, count: forward.count)
  }

  // MARK: - Layout

  /// The position in block order of row frequency `ky` and column frequency `kx`.
  func blockIndex(_ ky: Int, _ kx: Int) -> Int {
    let start = kx / Self.blockWidth * Self.blockWidth
    let width = min(Self.blockWidth, canvas.width - start)
    return start * canvas.height + ky * width + (kx - start)
  }

  /// Scalars that one scratch of ``filter(_:by:conjugate:scratch:)`` holds.
  public var scratchCount: Int { 2 * canvas.height * Self.blockWidth }
  /// Scalars that one canvas holds.
  public var canvasCount: Int { 2 * canvas.count }

  // MARK: - Filtering

  /// Replaces the plane in the top-left corner of `field` by its filtered version.
  ///
  /// On entry the samples of `field` beyond the plane must be zero in the rows of the plane and below them. On return the
  /// plane's rows hold the filtered canvas, of which the first `plane.width` samples belong to the plane; the rest of
  /// each row is set to zero again.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func filter(
    _ field: UnsafeMutablePointer<Scalar>, by transfer: UnsafePointer<Scalar>, conjugate: Bool,
    scratch: UnsafeMutablePointer<Scalar>
  ) {
    transformRows(field, forward: true)
    eachColumnBlock { start, passes in
      let count = passes.count * canvas.height
      Scalar.execute(passes.forward, from: field + 2 * start, to: scratch)
      let factor = transfer + 2 * start * canvas.height
      if conjugate {
        Scalar.multiplyConjugate(scratch, by: factor, count: count)
      } else {
        Scalar.multiply(scratch, by: factor, count: count)
      }
      Scalar.execute(passes.inverse, from: scratch, to: scratch)
      store(scratch, columns: passes.count, to: field + 2 * start)
    }
    transformRows(field, forward: false)
    clearPadding(field)
  }

  /// ``filter(_:by:conjugate:scratch:)`` with the conjugate, which also adds to `gradient` (block order, one scalar per
  /// frequency) the product Im(conj(F source)·(conj(transfer)·F field)): the derivative of the loss with respect to the
  /// phase of the transfer function, when `field` is the adjoint behind it and `source` the field before it.
  ///
  /// `source` is a canvas of its own, which is used up.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func filterAdjoint(
    _ field: UnsafeMutablePointer<Scalar>, by transfer: UnsafePointer<Scalar>, source: UnsafeMutablePointer<Scalar>,
    gradient: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>,
    sourceScratch: UnsafeMutablePointer<Scalar>
  ) {
    transformRows(field, forward: true)
    transformRows(source, forward: true)
    eachColumnBlock { start, passes in
      let count = passes.count * canvas.height
      Scalar.execute(passes.forward, from: field + 2 * start, to: scratch)
      Scalar.execute(passes.forward, from: source + 2 * start, to: sourceScratch)
      Scalar.multiplyConjugate(scratch, by: transfer + 2 * start * canvas.height, count: count)
      Scalar.addPhaseGradient(
        adjoint: scratch, field: sourceScratch, to: gradient + start * canvas.height, count: count)
      Scalar.execute(passes.inverse, from: scratch, to: scratch)
      store(scratch, columns: passes.count, to: field + 2 * start)
    }
    transformRows(field, forward: false)
    clearPadding(field)
  }

  private func transformRows(_ field: UnsafeMutablePointer<Scalar>, forward: Bool) {
    guard let full = fullRows else { return }
    var row = 0
    while row + full.count <= plane.height {
      let start = field + 2 * row * canvas.width
      Scalar.execute(forward ? full.forward : full.inverse, from: start, to: start)
      row += full.count
    }
    if let last = lastRows {
      let start = field + 2 * row * canvas.width
      Scalar.execute(forward ? last.forward : last.inverse, from: start, to: start)
    }
  }

  private func eachColumnBlock(_ body: (_ start: Int, _ passes: Passes) -> Void) {
    guard let full = fullColumns else { return }
    var start = 0
    while start + full.count <= canvas.width {
      body(start, full)
      start += full.count
    }
    if let last = lastColumns { body(start, last) }
  }

  private func store(_ scratch: UnsafePointer<Scalar>, columns: Int, to field: UnsafeMutablePointer<Scalar>) {
    for y in 0..<plane.height {
      (field + 2 * y * canvas.width).update(from: scratch + 2 * y * columns, count: 2 * columns)
    }
  }

  private func clearPadding(_ field: UnsafeMutablePointer<Scalar>) {
    guard canvas.width > plane.width else { return }
    for y in 0..<plane.height {
      (field + 2 * (y * canvas.width + plane.width)).update(repeating: 0, count: 2 * (canvas.width - plane.width))
    }
  }
}
