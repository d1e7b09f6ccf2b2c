import Arrays
import Fitting

/// Unknowns in which a fit of the source is well conditioned.
///
/// Named parameters have columns, so that their curvature is known. That of a map is Bᵀ·D·B nearly, with B the spline and D the intensity
/// of the light on the input or the layer: random patterns spread the light of every place over the whole camera, and no two places alike. The light
/// falls off along x and along y, so that this is a product of one matrix for each (a B-spline's own has a condition of some hundreds).
/// How much of it there is, one product with J along random coefficients tells (Hutchinson, Commun. Stat. Simul. 18, 1059 (1989)).
struct SourcePreconditioner {
  private let jacobian: SourceJacobian<Float>
  private let priors: PriorRows
  private var named: Int { jacobian.unknowns.moving.count }

  init(_ jacobian: SourceJacobian<Float>, _ priors: PriorRows) { (self.jacobian, self.priors) = (jacobian, priors) }

  var result: Preconditioner {
    get throws {
      var blocks: [Preconditioner.Block] = named > 0 ? [.curvature(ofNamed)] : []
      guard let frame = jacobian.parts.first?.frame else { return Preconditioner(blocks) }
      let (unknowns, products) = (jacobian.unknowns, jacobian.products)
      func add(_ fineness: Int?, _ profiles: @autoclosure () -> (x: [Double], y: [Double]), at starts: [Int]) throws {
        guard let fineness, !starts.isEmpty else { return }
        let light = profiles()
        let spline = BicubicSpline(fineness: fineness, side: light.x.count)
        let (rows, columns) = (spline.gram(light.y), spline.gram(light.x))
        for start in starts { blocks.append(try block(rows, columns, fineness, at: start)) }
      }
      try add(unknowns.fineness, products.profiles(frame), at: unknowns.blocks.source)
      for (layer, start) in unknowns.blocks.layers {
        try add(unknowns.layers?.fineness, products.profiles(frame, before: layer), at: [start])
      }
      return Preconditioner(blocks)
    }
  }

  private var ofNamed: Cholesky {
    var curvature = jacobian.curvature
    for index in 0..<named {
      let weight = priors.weights[index]
      // What is beyond single precision is rounding.
      curvature[index * named + index] +=
        weight * weight + Self.rounding * curvature[index * named + index] + .leastNormalMagnitude
    }
    return Cholesky(curvature, order: named) ?? Self.diagonal(of: curvature, named)
  }

  private static func diagonal(of matrix: [Double], _ order: Int) -> Cholesky {
    var diagonal = [Double](repeating: 0, count: order * order)
    for index in 0..<order {
      // A twin whose frames are not finite has no curvature; its step is then refused by its cost.
      let value = matrix[index * order + index]
      diagonal[index * order + index] = value.isFinite ? max(value, 1e-12) : 1
    }
    guard let factor = Cholesky(diagonal, order: order) else { preconditionFailure("a diagonal of positive numbers") }
    return factor
  }

  /// That of the coefficients from `start` on.
  private func block(_ rows: [Double], _ columns: [Double], _ fineness: Int, at start: Int) throws
    -> Preconditioner.Block
  {
    let draws = CounterRandom(seed: 1)
    let probe = (0..<fineness * fineness).map { draws.uniform(at: UInt64($0)) < 0.5 ? -1.0 : 1 }
    var vector = [Double](repeating: 0, count: jacobian.columns)
    vector.replaceSubrange(start..<start + probe.count, with: probe)
    let moved = try jacobian.product(vector)
    let expected = Self.form(rows, columns, probe, fineness)
    let scale = expected > 0 ? max(NormalEquations.product(moved, moved) / expected, .leastNormalMagnitude) : 1
    // Where there is no light, the priors are all there is.
    let weight = priors.weights[start]
    let floor = max(
      weight / scale.squareRoot(), Self.rounding * (rows.max() ?? 0), Self.rounding * (columns.max() ?? 0),
      .leastNormalMagnitude)
    func factor(_ gram: [Double]) -> Cholesky {
      var gram = gram
      for index in 0..<fineness { gram[index * fineness + index] += floor }
      return Cholesky(gram, order: fineness) ?? Self.diagonal(of: gram, fineness)
    }
    return .product(rows: factor(rows), columns: factor(columns), scale: scale)
  }

  /// vᵀ·(R ⊗ C)·v.
  private static func form(_ rows: [Double], _ columns: [Double], _ vector: [Double], _ order: Int) -> Double {
    func product(_ matrix: [Double], _ line: [Double]) -> [Double] {
      (0..<order).map { NormalEquations.product(Array(matrix[$0 * order..<($0 + 1) * order]), line) }
    }
    let along = (0..<order).map { product(columns, Array(vector[$0 * order..<($0 + 1) * order])) }
    return (0..<order).reduce(0) { sum, column in
      let across = product(rows, along.map { $0[column] })
      return sum + (0..<order).reduce(0) { $0 + across[$1] * vector[$1 * order + column] }
    }
  }

  private static let rounding = 1e-6
}
