/// JᵀJ, Jᵀr and ½Σr² of a least-squares problem at one point: all that a Gauss–Newton step needs, however many residuals
/// there are.
public struct NormalEquations: Sendable, Equatable {
  /// JᵀJ, row-major.
  public var curvature: [Double]
  /// Jᵀr.
  public var slope: [Double]
  /// ½Σr².
  public var cost: Double

  /// Those of a problem without residuals.
  public init(unknowns: Int) {
    curvature = [Double](repeating: 0, count: unknowns * unknowns)
    slope = [Double](repeating: 0, count: unknowns)
    cost = 0
  }

  /// The number of unknowns.
  public var unknowns: Int { slope.count }

  /// Adds residuals and their derivatives, one column for each unknown, each as long as `residuals`.
  public mutating func add(residuals: [Double], columns: [[Double]]) {
    precondition(columns.count == unknowns, "a column for each unknown is needed")
    cost += Self.product(residuals, residuals) / 2
    for row in 0..<unknowns { slope[row] += Self.product(columns[row], residuals) }
    for row in 0..<unknowns {
      for column in 0...row {
        let product = Self.product(columns[row], columns[column])
        curvature[row * unknowns + column] += product
        if column < row { curvature[column * unknowns + row] += product }
      }
    }
  }

  /// Adds the residual weight·(value − expected) of one unknown.
  public mutating func add(unknown: Int, deviation: Double, weight: Double) {
    let residual = weight * deviation
    cost += residual * residual / 2
    slope[unknown] += weight * residual
    curvature[unknown * unknowns + unknown] += weight * weight
  }

  /// Adds those of other residuals of the same unknowns.
  public mutating func add(_ other: NormalEquations) {
    for index in curvature.indices { curvature[index] += other.curvature[index] }
    for index in slope.indices { slope[index] += other.slope[index] }
    cost += other.cost
  }

  /// Σ a·b. Several independent sums, so that the processor can overlap and vectorise them.
  public static func product(_ a: [Double], _ b: [Double]) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sums = SIMD8<Double>(repeating: 0)
        let whole = a.count & ~7
        var index = 0
        while index < whole {
          for lane in 0..<8 { sums[lane] += a[index + lane] * b[index + lane] }
          index += 8
        }
        var sum = sums.sum()
        while index < a.count {
          sum += a[index] * b[index]
          index += 1
        }
        return sum
      }
    }
  }
}
