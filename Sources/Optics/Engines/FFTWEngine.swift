import Arrays

/// Propagation by FFTW, for canvases of any size.
///
/// Rows are transformed in place in groups of sixteen that stay in the cache from the inverse transform over the layer to the
/// forward transform; columns in blocks of sixteen through a contiguous scratch, which holds them while the transfer function
/// is applied. Rows that are known to be zero, or whose result is cropped, are never transformed. The plans are FFTW's
/// estimates, which are the same in every run, so that equal seeds give equal numbers.
///
/// Planes are in row-major order. Spectra are in *block order*: for each block of columns, `[row frequency][column in block]`.
final class FFTWEngine<Scalar: OpticsScalar>: PropagationEngine, @unchecked Sendable {
  let plane: PlaneGrid
  let canvas: PlaneGrid
  let name = "fftw"

  static var blockWidth: Int { 16 }

  struct Passes {
    let forward: Scalar.PlanHandle
    let inverse: Scalar.PlanHandle
    let count: Int
  }

  // Plans are immutable after init and FFTW's execute functions are thread-safe.
  private let fullRows: Passes
  private let lastRows: Passes?
  private let fullColumns: Passes
  private let lastColumns: Passes?

  /// - Throws: ``OpticsError/transform(height:width:)`` when FFTW has no plan for the size.
  init(plane: PlaneGrid, canvas: PlaneGrid) throws(OpticsError) {
    self.plane = plane
    self.canvas = canvas
    let block = Self.blockWidth
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

  // MARK: - Memory and order

  var planeCount: Int { plane.count }
  var spectrumCount: Int { canvas.count }

  /// Memory: 2·canvas height·canvas width scalars and sixteen columns.
  func makeState() -> EngineState<Scalar> {
    EngineState(field: 2 * canvas.count, turned: 0, scratch: 2 * canvas.height * Self.blockWidth)
  }

  /// The position in block order of row frequency `ky` and column frequency `kx`.
  private func blockIndex(_ ky: Int, _ kx: Int) -> Int {
    let start = kx / Self.blockWidth * Self.blockWidth
    let width = min(Self.blockWidth, canvas.width - start)
    return start * canvas.height + ky * width + (kx - start)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func makeTransfer(phase: (_ fx: Double, _ fy: Double) -> Double?) -> TransferFunction<Scalar> {
    let factors = AlignedBuffer<Scalar>(count: 2 * canvas.count)
    let scale = 1 / Double(canvas.count)
    for ky in 0..<canvas.height {
      let fy = PlaneGrid.frequency(bin: ky, length: canvas.height, pitch: canvas.pitch)
      for kx in 0..<canvas.width {
        let fx = PlaneGrid.frequency(bin: kx, length: canvas.width, pitch: canvas.pitch)
        guard let angle = phase(fx, fy) else { continue }
        let index = 2 * blockIndex(ky, kx)
        factors.pointer[index] = Scalar(scale * Double.cos(angle))
        factors.pointer[index + 1] = Scalar(scale * Double.sin(angle))
      }
    }
    return TransferFunction(factors: factors)
  }

  func weights(_ weight: (_ fx: Double, _ fy: Double) -> Double) -> AlignedBuffer<Double> {
    let weights = AlignedBuffer<Double>(count: spectrumCount)
    for ky in 0..<canvas.height {
      let fy = PlaneGrid.frequency(bin: ky, length: canvas.height, pitch: canvas.pitch)
      for kx in 0..<canvas.width {
        let value = weight(PlaneGrid.frequency(bin: kx, length: canvas.width, pitch: canvas.pitch), fy)
        if value.isFinite { weights.pointer[blockIndex(ky, kx)] = value }
      }
    }
    return weights
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func sum(_ spectrum: UnsafePointer<Scalar>, weightedBy weights: AlignedBuffer<Double>) -> Double {
    var total = 0.0
    for index in 0..<spectrumCount { total += Double(spectrum[index]) * weights.pointer[index] }
    return total
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func derivative(
    of transfer: TransferFunction<Scalar>, phase weights: AlignedBuffer<Double>
  ) -> TransferFunction<Scalar> {
    let factors = AlignedBuffer<Scalar>(count: 2 * spectrumCount)
    for index in 0..<spectrumCount {
      let weight = Scalar(weights.pointer[index])
      factors.pointer[2 * index] = -weight * transfer.factors.pointer[2 * index + 1]
      factors.pointer[2 * index + 1] = weight * transfer.factors.pointer[2 * index]
    }
    return TransferFunction(factors: factors)
  }

  func pack(complex rowMajor: UnsafePointer<Scalar>, into packed: UnsafeMutablePointer<Scalar>) {
    packed.update(from: rowMajor, count: 2 * plane.count)
  }

  func pack(real rowMajor: UnsafePointer<Scalar>, into packed: UnsafeMutablePointer<Scalar>) {
    packed.update(from: rowMajor, count: plane.count)
  }

  func unpack(complex packed: UnsafePointer<Scalar>, into rowMajor: UnsafeMutablePointer<Scalar>) {
    rowMajor.update(from: packed, count: 2 * plane.count)
  }

  func unpack(real packed: UnsafePointer<Scalar>, into rowMajor: UnsafeMutablePointer<Scalar>) {
    rowMajor.update(from: packed, count: plane.count)
  }

  // MARK: - Passes

  /// What happens to each row of the plane between the inverse transform of its group and the forward transform.
  ///
  /// - Parameter work: gets the first sample of a row in the canvas and that row's offset in a plane, in samples.
  @inline(__always)
  func eachRow(
    of field: AlignedBuffer<Scalar>, inverse: Bool, forward: Bool,
    _ work: (_ row: UnsafeMutablePointer<Scalar>, _ offset: Int) -> Void
  ) {
    var first = 0
    while first < plane.height {
      guard let passes = first + fullRows.count <= plane.height ? fullRows : lastRows else { return }
      let group = field.pointer + 2 * first * canvas.width
      if inverse { Scalar.execute(passes.inverse, from: group, to: group) }
      for y in first..<first + passes.count {
        let row = field.pointer + 2 * y * canvas.width
        work(row, y * plane.width)
        if forward, canvas.width > plane.width {
          (row + 2 * plane.width).update(repeating: 0, count: 2 * (canvas.width - plane.width))
        }
      }
      if forward { Scalar.execute(passes.forward, from: group, to: group) }
      first += passes.count
    }
  }

  /// Calls `work` for each block of columns with the offset of its spectrum, in samples.
  @inline(__always)
  func eachColumnBlock(_ work: (_ start: Int, _ offset: Int, _ passes: Passes) -> Void) {
    var start = 0
    while start < canvas.width {
      guard let passes = start + fullColumns.count <= canvas.width ? fullColumns : lastColumns else { return }
      work(start, start * canvas.height, passes)
      start += passes.count
    }
  }

  /// Puts a block of columns back where it came from, without the rows that are cropped.
  func store(_ scratch: UnsafePointer<Scalar>, columns: Int, to field: UnsafeMutablePointer<Scalar>) {
    for y in 0..<plane.height {
      (field + 2 * y * canvas.width).update(from: scratch + 2 * y * columns, count: 2 * columns)
    }
  }
}
