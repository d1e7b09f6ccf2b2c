import Arrays
import Numerics

/// Propagation of a field over one stretch of free space by transforms: forward and adjoint.
public struct Propagator<Scalar: OpticsScalar>: Sendable {
  /// The plane, at both ends.
  public let grid: PlaneGrid
  /// The stretch between them.
  public let space: FreeSpace
  /// How well the padded plane samples this distance; ``SamplingReport/warning`` is what a user should see.
  public let sampling: SamplingReport

  private let engine: any PropagationEngine<Scalar>
  private let transfer: TransferFunction<Scalar>

  /// - Parameters:
  ///   - padding: width of the zero-padded canvas in units of the grid, at least 1.
  ///   - bandLimit: cut the transfer function where the canvas undersamples it.
  ///   - allowUndersampling: with the band limit off, compute even if the distance is too long.
  ///   - engine: what computes.
  /// - Throws: ``OpticsError/undersampled(_:)``, or ``OpticsError/invalid(name:value:expected:)`` for numbers that are
  ///   not physical.
  public init(
    grid: PlaneGrid, space: FreeSpace, padding: Double = 1, bandLimit: Bool = true, allowUndersampling: Bool = false,
    engine choice: EngineChoice = .automatic
  ) throws(OpticsError) {
    try Self.validate(grid: grid, space: space, padding: padding)
    self.grid = grid
    self.space = space
    let canvas = grid.padded(by: padding)
    sampling = space.sampling(of: grid, padding: padding)
    if !bandLimit, !allowUndersampling, sampling.isUndersampled { throw .undersampled(sampling) }
    engine = try Engines.make(plane: grid, canvas: canvas, choice: choice)
    transfer = engine.makeTransfer(space: space, bandLimit: bandLimit)
  }

  static func validate(grid: PlaneGrid, space: FreeSpace, padding: Double) throws(OpticsError) {
    guard grid.height > 0, grid.width > 0 else {
      throw .invalid(name: "grid", value: "\(grid.height)×\(grid.width)", expected: "at least one sample")
    }
    guard grid.pitch.isFinite, grid.pitch > 0 else {
      throw .invalid(name: "pitch", value: "\(grid.pitch)", expected: "a positive number of metres")
    }
    guard space.wavelength.isFinite, space.wavelength > 0 else {
      throw .invalid(name: "wavelength", value: "\(space.wavelength)", expected: "a positive number of metres")
    }
    guard space.distance.isFinite else {
      throw .invalid(name: "distance", value: "\(space.distance)", expected: "a finite number of metres")
    }
    guard padding.isFinite, padding >= 1, padding * Double(max(grid.height, grid.width)) <= 65536 else {
      throw .invalid(name: "padding", value: "\(padding)", expected: "1 or more, with at most 65536 samples a side")
    }
  }

  /// The field after the distance.
  public func forward(_ field: Field<Scalar>) -> Field<Scalar> { filtered(field, conjugate: false) }

  /// The adjoint of ``forward(_:)``: ⟨a, forward(b)⟩ = ⟨adjoint(a), b⟩.
  public func adjoint(_ field: Field<Scalar>) -> Field<Scalar> { filtered(field, conjugate: true) }

  private func filtered(_ field: Field<Scalar>, conjugate: Bool) -> Field<Scalar> {
    precondition(field.grid == grid, "a propagator serves the grid that it was made for")
    return engine.filtered(field, by: transfer, conjugate: conjugate)
  }
}

extension PropagationEngine {
  /// A field after a transfer function, or its conjugate, in memory of its own.
  func filtered(_ field: Field<Scalar>, by transfer: TransferFunction<Scalar>, conjugate: Bool = false) -> Field<Scalar>
  {
    let state = makeState()
    let packed = AlignedBuffer<Scalar>(count: 2 * planeCount)
    var result = field
    result.withInterleaved { values in
      pack(complex: values, into: packed.pointer)
      enter(field: packed.pointer, state)
      hop(transfer, conjugate: conjugate, state)
      leave(field: packed.pointer, state)
      unpack(complex: packed.pointer, into: values)
    }
    return result
  }
}
