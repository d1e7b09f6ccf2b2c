import Arrays
import COptics
import Numerics

/// Propagation by the project's own transforms of whole blocks of lines, one line to a lane of the vector registers.
///
/// Canvas sides are even, at least 4, and without prime factors above 5. How it works is described beside the kernels,
/// in `Sources/COptics/block/kernels.inc`.
final class BlockEngine<Scalar: OpticsScalar>: PropagationEngine, @unchecked Sendable {
  let plane: PlaneGrid
  let canvas: PlaneGrid
  let name: String
  let kernels: optics_block_kernels
  /// Written once in init.
  let geometry: UnsafeMutablePointer<optics_block_geometry>
  private let rows: BlockLine<Scalar>
  private let columns: BlockLine<Scalar>
  private let lanes: Int
  private let columnBlocks: Int

  /// Nil when these instructions are not for this machine, or the transforms not for this size.
  init?(plane: PlaneGrid, canvas: PlaneGrid, instructions: InstructionSet) {
    guard let kernels = Scalar.blockKernels(instructions)?.pointee else { return nil }
    let lanes = Int(kernels.lanes)
    guard let rows = BlockLine<Scalar>(length: canvas.width, used: plane.width),
      let columns = BlockLine<Scalar>(length: canvas.height, used: plane.height)
    else { return nil }
    self.plane = plane
    self.canvas = canvas
    name = "block/\(instructions.name)"
    self.kernels = kernels
    self.rows = rows
    self.columns = columns
    self.lanes = lanes
    columnBlocks = (canvas.width + lanes - 1) / lanes
    let rowBlocks = (plane.height + lanes - 1) / lanes
    geometry = .allocate(capacity: 1)
    geometry.initialize(
      to: optics_block_geometry(
        height: Int32(plane.height), width: Int32(plane.width), row_blocks: Int32(rowBlocks),
        column_blocks: Int32(columnBlocks), row_block_stride: Int32(columnBlocks * lanes),
        column_block_stride: max(columns.line.extent, Int32(rowBlocks * lanes)),
        scratch_line: Int32(max(columnBlocks, rowBlocks, (canvas.height + lanes - 1) / lanes) * lanes), rows: rows.line,
        columns: columns.line))
  }

  deinit { geometry.deallocate() }

  // MARK: - Memory and order

  var planeCount: Int { Int(geometry.pointee.row_blocks * rows.line.extent) * lanes }
  var spectrumCount: Int { columnBlocks * canvas.height * lanes }

  /// Memory: twice the plane's rows of the canvas, complex, and three lines of a block.
  func makeState() -> EngineState<Scalar> {
    let geometry = geometry.pointee
    return EngineState(
      field: 2 * lanes * Int(geometry.column_blocks * geometry.column_block_stride),
      turned: 2 * lanes * Int(geometry.row_blocks * geometry.row_block_stride),
      scratch: 3 * lanes * Int(geometry.scratch_line))
  }

  /// Calls `body` with each frequency and its position in the engine's order.
  @inline(__always)
  private func eachFrequency(_ body: (_ position: Int, _ fx: Double, _ fy: Double) -> Void) {
    let fx = rows.bins.map { PlaneGrid.frequency(bin: $0, length: canvas.width, pitch: canvas.pitch) }
    let fy = columns.bins.map { PlaneGrid.frequency(bin: $0, length: canvas.height, pitch: canvas.pitch) }
    for block in 0..<columnBlocks {
      for y in 0..<canvas.height {
        for lane in 0..<min(lanes, canvas.width - block * lanes) {
          body((block * canvas.height + y) * lanes + lane, fx[block * lanes + lane], fy[y])
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func makeTransfer(phase: (_ fx: Double, _ fy: Double) -> Double?) -> TransferFunction<Scalar> {
    let factors = AlignedBuffer<Scalar>(count: 2 * spectrumCount)
    let scale = 1 / Double(canvas.count)
    eachFrequency { position, fx, fy in
      guard let angle = phase(fx, fy) else { return }
      let real = factors.pointer + position + position / lanes * lanes
      real[0] = Scalar(scale * Double.cos(angle))
      real[lanes] = Scalar(scale * Double.sin(angle))
    }
    return TransferFunction(factors: factors)
  }

  func weights(_ weight: (_ fx: Double, _ fy: Double) -> Double) -> AlignedBuffer<Double> {
    let weights = AlignedBuffer<Double>(count: spectrumCount)
    eachFrequency { position, fx, fy in
      let value = weight(fx, fy)
      if value.isFinite { weights.pointer[position] = value }
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
    for block in stride(from: 0, to: spectrumCount, by: lanes) {
      let (from, to) = (transfer.factors.pointer + 2 * block, factors.pointer + 2 * block)
      for lane in 0..<lanes {
        let weight = Scalar(weights.pointer[block + lane])
        to[lane] = -weight * from[lanes + lane]
        to[lanes + lane] = weight * from[lane]
      }
    }
    return TransferFunction(factors: factors)
  }

  func pack(complex rowMajor: UnsafePointer<Scalar>, into packed: UnsafeMutablePointer<Scalar>) {
    kernels.pack(geometry.pointee.height, 2 * geometry.pointee.width, 2 * rows.line.extent, rowMajor, packed)
  }

  func pack(real rowMajor: UnsafePointer<Scalar>, into packed: UnsafeMutablePointer<Scalar>) {
    kernels.pack(geometry.pointee.height, geometry.pointee.width, rows.line.extent, rowMajor, packed)
  }

  func unpack(complex packed: UnsafePointer<Scalar>, into rowMajor: UnsafeMutablePointer<Scalar>) {
    kernels.unpack(geometry.pointee.height, 2 * geometry.pointee.width, 2 * rows.line.extent, packed, rowMajor)
  }

  func unpack(real packed: UnsafePointer<Scalar>, into rowMajor: UnsafeMutablePointer<Scalar>) {
    kernels.unpack(geometry.pointee.height, geometry.pointee.width, rows.line.extent, packed, rowMajor)
  }

  func multiply(
    _ field: UnsafePointer<Scalar>, by factor: UnsafePointer<Scalar>, into product: UnsafeMutablePointer<Scalar>
  ) {
    kernels.multiply(field, factor, product, Int64(planeCount / lanes))
  }
}
