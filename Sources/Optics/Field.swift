import Numerics

/// A complex plane: the scalar field on a ``PlaneGrid``, row-major.
public struct Field<Scalar: OpticsScalar>: Sendable, Equatable {
  /// The samples.
  public let grid: PlaneGrid
  /// The field of every sample, row-major, `grid.count` of them.
  public var values: [Complex<Scalar>]

  public init(grid: PlaneGrid, repeating value: Complex<Scalar> = .zero) {
    self.grid = grid
    values = [Complex<Scalar>](repeating: value, count: grid.count)
  }

  /// - Parameter values: row-major, `grid.count` of them.
  public init(grid: PlaneGrid, values: [Complex<Scalar>]) {
    precondition(values.count == grid.count, "a field needs one value for each sample of its grid")
    self.grid = grid
    self.values = values
  }

  /// The field whose value at row `y` and column `x` is `value(y, x)`.
  public init(grid: PlaneGrid, _ value: (_ y: Int, _ x: Int) -> Complex<Scalar>) {
    self.grid = grid
    values = (0..<grid.count).map { value($0 / grid.width, $0 % grid.width) }
  }

  /// The field at row `y` and column `x`.
  public subscript(y: Int, x: Int) -> Complex<Scalar> {
    get { values[y * grid.width + x] }
    set { values[y * grid.width + x] = newValue }
  }

  /// |U|² of every sample.
  public var intensity: [Scalar] { values.map { $0.lengthSquared } }

  /// Σ|U|², the power in units of one sample.
  public var power: Scalar { values.reduce(0) { $0 + $1.lengthSquared } }

  /// The inner product Σ conj(self)·other.
  public func inner(_ other: Field) -> Complex<Scalar> {
    zip(values, other.values).reduce(.zero) { $0 + $1.0.conjugate * $1.1 }
  }
}

extension Field {
  /// Calls `body` with the interleaved real and imaginary parts.
  mutating func withInterleaved(_ body: (UnsafeMutablePointer<Scalar>) -> Void) {
    values.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      body(base.assumingMemoryBound(to: Scalar.self))
    }
  }
}
