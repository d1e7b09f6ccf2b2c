import Fitting
import Optics

/// The derivatives of all residuals by parameters and maps, as products; frames are computed in parallel and summed in their
/// order.
package struct SourceJacobian<Scalar: OpticsScalar>: LinearOperator {
  struct Part: Sendable {
    let frame: TwinProducts<Scalar>.Frame
    let residuals: LinearisedResiduals
  }

  let products: TwinProducts<Scalar>
  let parts: [Part]
  let unknowns: SourceUnknowns
  /// JᵀJ of the named parameters.
  let curvature: [Double]
  let threads: Int
  /// Hears of every product, and what one takes for a frame; see ``FitWork``.
  let meter: FitMeter?
  let work: Double

  package var rows: Int { parts.reduce(0) { $0 + $1.residuals.residuals.count } }
  package var columns: Int { unknowns.count }
  package var residuals: [Double] { parts.flatMap(\.residuals.residuals) }

  package func product(_ vector: [Double]) throws -> [Double] {
    let tangent = products.tangent(along: unknowns.direction(vector))
    return try map { part, _ in
      part.residuals.product(products.product(tangent, part.frame).map { Double($0) })
    }.flatMap(\.self)
  }

  package func transposedProduct(_ vector: [Double]) throws -> [Double] {
    let size = rows / max(1, parts.count)
    let slopes = try map { part, index in
      let factors = Array(vector[index * size..<(index + 1) * size])
      let weights = part.residuals.transposedProduct(factors).map { Scalar($0) }
      return unknowns.gradient(products.transposedProduct(weights, part.frame))
    }
    return slopes.reduce(into: [Double](repeating: 0, count: columns)) { sum, slope in
      for index in sum.indices { sum[index] += slope[index] }
    }
  }

  private func map<Result: Sendable>(_ body: @Sendable (Part, Int) throws -> Result) throws -> [Result] {
    try Task.checkCancellation()
    let results = try inParallel(parts.count, threads: threads) { try body(parts[$0], $0) }
    meter?.add(work * Double(parts.count))
    return results
  }
}
