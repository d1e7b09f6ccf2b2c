import Numerics
import Optics

/// A layer that lies displaced, turned and magnified on the beam: t′(r) = t(M(r)) with M(r) = R(−rotation)·(r − shift)/scale,
/// r measured from the plane's origin, by Keys' cubic convolution; 0 beyond the layer.
///
/// Planes are complex, interleaved, row-major, `[side, side]`.
package struct PlaneResampling<Scalar: OpticsScalar>: Sendable {
  /// The derivative of a loss by each value.
  package struct Gradient: Sendable, Equatable {
    package var shiftX = 0.0
    package var shiftY = 0.0
    package var rotation = 0.0
    package var scale = 0.0
  }

  /// Whether the layer stays as it is, exactly.
  package let isIdentity: Bool
  private let side: Int
  private let center: Double
  private let step: Double
  private let shift: (x: Double, y: Double)
  private let scale: Double
  private let sine: Double
  private let cosine: Double

  /// - Parameters:
  ///   - side: samples along each side of the plane.
  ///   - center: index, possibly half-way between two samples, of the plane's origin; sample ⌊side/2⌋ when nil.
  ///   - step: distance between two samples in metres, the unit of the shifts.
  ///   - shiftX: displacement of the layer along x and `shiftY` along y, in metres.
  ///   - rotation: angle by which the layer is turned from x towards y, in radians.
  ///   - scale: magnification of the layer; positive.
  /// - Throws: ``TwinError/registration(_:)`` for values that no layer can have.
  package init(
    side: Int, center: Double? = nil, step: Double = 1, shiftX: Double = 0, shiftY: Double = 0, rotation: Double = 0,
    scale: Double = 1
  ) throws(TwinError) {
    for (name, value) in [("shift", shiftX), ("shift", shiftY), ("rotation", rotation), ("scale", scale)] {
      guard value.isFinite else { throw .registration("a layer's \(name) is \(value), expected a finite number") }
    }
    guard scale > 0 else { throw .registration("a layer's scale is \(scale), expected a positive number") }
    self.side = side
    self.center = center ?? Double(side / 2)
    self.step = step
    self.scale = scale
    shift = (shiftX, shiftY)
    sine = Double.sin(rotation)
    cosine = Double.cos(rotation)
    isIdentity = shiftX == 0 && shiftY == 0 && rotation == 0 && scale == 1
  }

  /// Resamples a layer into `output`, which does not overlap it.
  package func forward(_ layer: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>) {
    guard !isIdentity else { return output.update(from: layer, count: 2 * side * side) }
    Scalar.resample(layer, at: points, into: output)
  }

  /// The transpose of ``forward(_:into:)``: takes dL = Re Σ conj(g)·dt′ to the gradient by t; overwrites `output`.
  package func adjoint(_ gradient: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>) {
    guard !isIdentity else { return output.update(from: gradient, count: 2 * side * side) }
    output.update(repeating: 0, count: 2 * side * side)
    Scalar.addResampleAdjoint(gradient, at: points, to: output)
  }

  /// The derivatives of dL = Re Σ conj(g)·dt′ by shift, rotation and scale, given g and the layer t.
  package func gradient(_ gradient: UnsafePointer<Scalar>, of layer: UnsafePointer<Scalar>) -> Gradient {
    let slopes = Scalar.resampleSlopes(gradient, of: layer, at: points)
    let perMetre = 1 / (scale * step)
    return Gradient(
      shiftX: (-cosine * slopes.x + sine * slopes.y) * perMetre,
      shiftY: (-sine * slopes.x - cosine * slopes.y) * perMetre, rotation: slopes.z, scale: -slopes.w / scale)
  }

  /// Adds the derivative of the resampled layer by rotation and scale, each times a factor, to `output`.
  func addTangent(
    of layer: UnsafePointer<Scalar>, rotation: Double, scale factor: Double, to output: UnsafeMutablePointer<Scalar>
  ) {
    Scalar.addResampleTangent(of: layer, at: points, turn: rotation, growth: factor / scale, to: output)
  }

  /// Where the samples of the resampled layer lie on the layer.
  private var points: TurnedPoints {
    let (c, s) = (cosine / scale, sine / scale)
    let (left, top) = (center + shift.x / step, center + shift.y / step)
    return TurnedPoints(
      side: side, x: center - c * left - s * top, y: center - c * top + s * left, c: c, s: s, center: center)
  }
}
