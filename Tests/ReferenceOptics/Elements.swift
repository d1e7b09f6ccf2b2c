import Numerics
import Optics

/// An ideal phase layer: multiplies the field by e^(+iφ).
public struct PhaseLayer<Scalar: OpticsScalar>: Sendable {
  /// Phases in radians, row-major.
  public var phases: [Scalar]

  public init(phases: [Scalar]) { self.phases = phases }

  public func forward(_ field: Field<Scalar>) -> Field<Scalar> { applied(to: field, sign: 1) }

  /// The adjoint of ``forward(_:)``.
  public func adjoint(_ field: Field<Scalar>) -> Field<Scalar> { applied(to: field, sign: -1) }

  /// ∂L/∂φ of every sample, from the field after the layer and the adjoint field 2∂L/∂conj(U) there.
  public func phaseGradient(fieldAfter: Field<Scalar>, adjointAfter: Field<Scalar>) -> [Scalar] {
    zip(fieldAfter.values, adjointAfter.values).map { ($0.conjugate * $1).imaginary }
  }

  private func applied(to field: Field<Scalar>, sign: Scalar) -> Field<Scalar> {
    Field(
      grid: field.grid,
      values: zip(field.values, phases).map { $0 * Complex(length: 1, phase: sign * $1) })
  }
}

/// A tilt: multiplies the field by e^(−ik(x sin αx + y sin αy)), x and y in metres from the centre of the plane (paper,
/// appendix A.1). A positive angle turns the light towards −x, −y. At a mirror or reflective modulator each angle is twice
/// the physical tilt.
public struct Tilt: Sendable, Equatable {
  /// Angle in x in radians.
  public var x: Double
  /// Angle in y in radians.
  public var y: Double
  /// Vacuum wavelength in metres.
  public var wavelength: Double

  public init(x: Double, y: Double, wavelength: Double) {
    self.x = x
    self.y = y
    self.wavelength = wavelength
  }

  public func forward<Scalar>(_ field: Field<Scalar>) -> Field<Scalar> { applied(to: field, sign: -1) }

  /// The adjoint of ``forward(_:)``.
  public func adjoint<Scalar>(_ field: Field<Scalar>) -> Field<Scalar> { applied(to: field, sign: 1) }

  /// ∂L/∂αx and ∂L/∂αy, from the field after the tilt and the adjoint field 2∂L/∂conj(U) there.
  public func angleGradient<Scalar>(fieldAfter: Field<Scalar>, adjointAfter: Field<Scalar>) -> (x: Scalar, y: Scalar) {
    let grid = fieldAfter.grid
    let k = 2 * Double.pi / wavelength
    var sums = (x: Scalar.zero, y: Scalar.zero)
    for index in 0..<grid.count {
      let phaseGradient = (fieldAfter.values[index].conjugate * adjointAfter.values[index]).imaginary
      sums.x -= phaseGradient * Scalar(k * Double.cos(x) * grid.position(index % grid.width, of: grid.width))
      sums.y -= phaseGradient * Scalar(k * Double.cos(y) * grid.position(index / grid.width, of: grid.height))
    }
    return sums
  }

  private func applied<Scalar>(to field: Field<Scalar>, sign: Double) -> Field<Scalar> {
    let k = 2 * Double.pi / wavelength
    return Field(grid: field.grid) { row, column in
      let grid = field.grid
      let phase =
        sign * k
        * (grid.position(column, of: grid.width) * Double.sin(x) + grid.position(row, of: grid.height) * Double.sin(y))
      return field[row, column] * Complex(length: 1, phase: Scalar(phase))
    }
  }
}

extension PlaneGrid {
  /// The distance in metres of sample `index` from the centre sample ⌊length/2⌋ of an axis.
  public func position(_ index: Int, of length: Int) -> Double { Double(index - length / 2) * pitch }
}
