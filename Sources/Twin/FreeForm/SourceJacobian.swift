import Fitting
import Optics

/// The derivatives of all residuals by parameters and the source's map, as products; frames are computed in parallel and summed in their
/// order.
package struct SourceJacobian<Scalar: OpticsScalar>: LinearOperator {
  struct Part: Sendable {
    let frame: TwinProducts<Scalar>.Frame
    let residuals: LinearisedResiduals
  }

  let products: TwinProducts<Scalar>
  let parts: [Part]
  let unknowns: SourceUnknowns
  let threads: Int

  package var rows: Int { parts.reduce(0) { $0 + $1.residuals.residuals.count } }
  package var columns: Int { unknowns.count }
  package var residuals: [Double] { parts.flatMap(\.residuals.residuals) }

  package func product(_ vector: [Double]) throws -> [Double] {
    try Task.checkCancellation()
    let tangent = products.tangent(along: unknowns.direction(vector))
    return try inParallel(parts.count, threads: threads) { index in
      parts[index].residuals.product(products.product(tangent, parts[index].frame).map { Double($0) })
    }.flatMap(\.self)
  }

  package func transposedProduct(_ vector: [Double]) throws -> [Double] {
    let size = rows / max(1, parts.count)
    let slopes = try inParallel(parts.count, threads: threads) { index in
      let factors = Array(vector[index * size..<(index + 1) * size])
      let weights = parts[index].residuals.transposedProduct(factors).map { Scalar($0) }
      return unknowns.gradient(try products.transposedProduct(weights, parts[index].frame))
    }
    return slopes.reduce(into: [Double](repeating: 0, count: columns)) { sum, slope in
      for index in sum.indices { sum[index] += slope[index] }
    }
  }
}
