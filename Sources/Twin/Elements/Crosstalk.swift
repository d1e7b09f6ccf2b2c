import Foundation
import Optics

/// The phase of neighbouring pixels runs together: a convolution with a Gaussian of a given standard deviation, whose weights
/// are its integral over each sample. Beyond the layer the phase is zero.
struct Crosstalk: Sendable {
  /// Standard deviation in metres.
  let width: Dependent
  private let side: Int
  /// Weights of the offsets 0, 1, … samples, and their derivatives by the width.
  private let weights: [Double]
  private let slopes: [Double]

  /// - Parameter step: metres between two computed samples.
  /// - Throws: ``TwinError/crosstalk(size:plane:)`` when the kernel is larger than the plane.
  init(width: Dependent, side: Int, step: Double) throws(TwinError) {
    self.width = width
    self.side = side
    let sigma = width.value / step
    guard sigma > 0 else {
      (weights, slopes) = ([1], [0])
      return
    }
    let radius = Int((5 * sigma).rounded(.up)) + 1
    guard 2 * radius + 1 <= side else { throw .crosstalk(size: 2 * radius + 1, plane: side) }
    func cumulative(_ x: Double) -> Double { 0.5 * erf(x / (sigma * 2.0.squareRoot())) }
    func density(_ x: Double) -> Double {
      -x / sigma * exp(-x * x / (2 * sigma * sigma)) / (sigma * (2 * Double.pi).squareRoot())
    }
    weights = (0...radius).map { cumulative(Double($0) + 0.5) - cumulative(Double($0) - 0.5) }
    slopes = (0...radius).map { (density(Double($0) + 0.5) - density(Double($0) - 0.5)) / step }
  }

  /// Whether pixels keep to themselves.
  var isIdentity: Bool { width.value == 0 }

  /// Convolves a plane `[side, side]` in place; the operation is its own adjoint.
  func apply<Scalar: OpticsScalar>(_ plane: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>) {
    guard !isIdentity else { return }
    rows(plane, into: scratch, weights)
    columns(scratch, into: plane, weights)
  }

  /// Adds the derivative of the convolved plane by the width, times a factor, to `result`.
  func addTangent<Scalar: OpticsScalar>(
    of plane: UnsafePointer<Scalar>, factor: Scalar, to result: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>, other: UnsafeMutablePointer<Scalar>
  ) {
    for (rowWeights, columnWeights) in [(slopes, weights), (weights, slopes)] {
      rows(plane, into: scratch, rowWeights)
      columns(scratch, into: other, columnWeights)
      for sample in 0..<side * side { result[sample] += factor * other[sample] }
    }
  }

  /// The derivative of a loss by the width, from the phase before the convolution and the gradient behind it.
  func derivative<Scalar: OpticsScalar>(
    _ plane: UnsafePointer<Scalar>, _ gradient: UnsafePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>,
    other: UnsafeMutablePointer<Scalar>
  ) -> Double {
    var total = 0.0
    for (rowWeights, columnWeights) in [(slopes, weights), (weights, slopes)] {
      rows(plane, into: scratch, rowWeights)
      columns(scratch, into: other, columnWeights)
      for sample in 0..<side * side { total += Double(other[sample]) * Double(gradient[sample]) }
    }
    return total
  }

  private func rows<Scalar: OpticsScalar>(
    _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>, _ weights: [Double]
  ) {
    Scalar.convolveRows(source, into: target, side: side, weights: weights)
  }

  private func columns<Scalar: OpticsScalar>(
    _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>, _ weights: [Double]
  ) {
    Scalar.convolveColumns(source, into: target, side: side, weights: weights)
  }
}
