import Foundation
import Optics

/// The phase of neighbouring pixels runs together: along each axis a convolution with a Gaussian, whose weights are its integral over each
/// sample. Its width may differ between the axes, and between the sides of a pixel (``SidedGaussian``). Beyond the layer the phase is
/// zero.
struct Crosstalk: Sendable {
  /// Standard deviation in metres.
  let width: Dependent
  /// Along x the width is (1 + aspect) times as large, along y (1 − aspect) times.
  private let aspect: Dependent
  /// And (1 + skew) times on the side of larger coordinates, (1 − skew) on the other.
  private let skewX: Dependent
  private let skewY: Dependent
  private let side: Int
  private let x: Axis
  private let y: Axis

  /// The weights along one axis, and their derivatives.
  fileprivate struct Axis {
    /// Of the offsets 0, 1, … samples when both sides are alike, else of −reach … reach.
    var weights = [1.0]
    var isSided = false
    /// By width, aspect and skew, where they are wanted; in the order of the weights.
    var slopes: [[Double]] = []
  }

  /// - Parameter step: metres between two computed samples.
  /// - Throws: ``TwinError/crosstalk(size:plane:)`` when the kernel is larger than the plane.
  init(_ parameters: TwinParameters, side: Int, step: Double) throws(TwinError) {
    width = parameters.dependent("crosstalk")
    aspect = parameters.dependent("crosstalkAspect")
    (skewX, skewY) = (parameters.dependent("crosstalkSkewX"), parameters.dependent("crosstalkSkewY"))
    self.side = side
    let sigma = width.value / step
    guard sigma > 0 else {
      (x, y) = (Axis(), Axis())
      return
    }
    if [aspect, skewX, skewY].contains(where: \.isPresent) {
      x = Axis(sigma, step: step, stretch: 1 + aspect.value, skew: skewX.value, turn: 1)
      y = Axis(sigma, step: step, stretch: 1 - aspect.value, skew: skewY.value, turn: -1)
    } else {
      x = Axis(sigma, step: step)
      y = x
    }
    let size = max(x.size, y.size)
    guard size <= side else { throw .crosstalk(size: size, plane: side) }
  }

  /// Whether pixels keep to themselves.
  var isIdentity: Bool { width.value == 0 }

  /// Convolves a plane `[side, side]` in place.
  func apply<Scalar: OpticsScalar>(
    _ plane: UnsafeMutablePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>, adjoint: Bool = false
  ) {
    guard !isIdentity else { return }
    func turned(_ axis: Axis) -> [Double] { adjoint && axis.isSided ? axis.weights.reversed() : axis.weights }
    rows(plane, into: scratch, turned(x))
    columns(scratch, into: plane, turned(y))
  }

  // MARK: - Derivatives

  /// A quantity that the kernel depends on, and the derivatives of the weights by it.
  private struct Change {
    let quantity: Dependent
    var x: [Double]?
    var y: [Double]?
  }

  private var changes: [Change] {
    guard !isIdentity else { return [] }
    guard x.isSided else { return [Change(quantity: width, x: x.slopes[0], y: y.slopes[0])] }
    return [
      Change(quantity: width, x: x.slopes[0], y: y.slopes[0]), Change(quantity: aspect, x: x.slopes[1], y: y.slopes[1]),
      Change(quantity: skewX, x: x.slopes[2]), Change(quantity: skewY, y: y.slopes[2]),
    ]
  }

  func depends(on direction: Direction) -> Bool { changes.contains { $0.quantity.slope(along: direction) != nil } }

  var hasDerivatives: Bool { changes.contains { !$0.quantity.slopes.isEmpty } }

  /// Adds the derivative of the convolved plane along a direction to `result`.
  func addTangent<Scalar: OpticsScalar>(
    along direction: Direction, of plane: UnsafePointer<Scalar>, to result: UnsafeMutablePointer<Scalar>,
    scratch: UnsafeMutablePointer<Scalar>, other: UnsafeMutablePointer<Scalar>
  ) {
    for change in changes {
      guard let slope = change.quantity.slope(along: direction) else { continue }
      let factor = Scalar(slope)
      eachPart(of: change, plane, scratch, other) {
        for sample in 0..<side * side { result[sample] += factor * other[sample] }
      }
    }
  }

  /// The derivatives of a loss, from the phase before the convolution and the gradient behind it.
  func derivatives<Scalar: OpticsScalar>(
    _ plane: UnsafePointer<Scalar>, _ gradient: UnsafePointer<Scalar>, scratch: UnsafeMutablePointer<Scalar>,
    other: UnsafeMutablePointer<Scalar>, _ body: (Dependent, Double) -> Void
  ) {
    for change in changes where !change.quantity.slopes.isEmpty {
      var total = 0.0
      eachPart(of: change, plane, scratch, other) {
        for sample in 0..<side * side { total += Double(other[sample]) * Double(gradient[sample]) }
      }
      body(change.quantity, total)
    }
  }

  /// Calls `body` with what the changed weights along each axis make of a plane in `other`.
  private func eachPart<Scalar: OpticsScalar>(
    of change: Change, _ plane: UnsafePointer<Scalar>, _ scratch: UnsafeMutablePointer<Scalar>,
    _ other: UnsafeMutablePointer<Scalar>, _ body: () -> Void
  ) {
    for (alongX, alongY) in [(change.x, y.weights), (x.weights, change.y)] {
      guard let alongX, let alongY else { continue }
      rows(plane, into: scratch, alongX)
      columns(scratch, into: other, alongY)
      body()
    }
  }

  private func rows<Scalar: OpticsScalar>(
    _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>, _ weights: [Double]
  ) {
    if x.isSided {
      Scalar.convolveRows(source, into: target, side: side, sidedWeights: weights)
    } else {
      Scalar.convolveRows(source, into: target, side: side, weights: weights)
    }
  }

  private func columns<Scalar: OpticsScalar>(
    _ source: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>, _ weights: [Double]
  ) {
    if y.isSided {
      Scalar.convolveColumns(source, into: target, side: side, sidedWeights: weights)
    } else {
      Scalar.convolveColumns(source, into: target, side: side, weights: weights)
    }
  }
}

extension Crosstalk.Axis {
  var size: Int { isSided ? weights.count : 2 * weights.count - 1 }

  /// Both sides alike.
  ///
  /// - Parameters:
  ///   - sigma: in samples.
  ///   - step: metres of a sample.
  init(_ sigma: Double, step: Double) {
    let reach = Int((5 * sigma).rounded(.up)) + 1
    func cumulative(_ x: Double) -> Double { 0.5 * erf(x / (sigma * 2.0.squareRoot())) }
    func density(_ x: Double) -> Double {
      -x / sigma * exp(-x * x / (2 * sigma * sigma)) / (sigma * (2 * Double.pi).squareRoot())
    }
    weights = (0...reach).map { cumulative(Double($0) + 0.5) - cumulative(Double($0) - 0.5) }
    slopes = [(0...reach).map { (density(Double($0) + 0.5) - density(Double($0) - 0.5)) / step }]
  }

  /// - Parameters:
  ///   - stretch: the axis's part of sigma.
  ///   - turn: the derivative of the stretch by the aspect.
  init(_ sigma: Double, step: Double, stretch: Double, skew: Double, turn: Double) {
    let sided = SidedGaussian(left: sigma * stretch * (1 - skew), right: sigma * stretch * (1 + skew))
    (weights, isSided) = (sided.weights, true)
    func slope(_ left: Double, _ right: Double) -> [Double] {
      zip(sided.slopes.left, sided.slopes.right).map { left * $0 + right * $1 }
    }
    slopes = [
      slope(stretch * (1 - skew) / step, stretch * (1 + skew) / step),
      slope(turn * sigma * (1 - skew), turn * sigma * (1 + skew)), slope(-sigma * stretch, sigma * stretch),
    ]
  }
}
