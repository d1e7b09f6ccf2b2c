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
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func forward(_ layer: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>) {
    guard !isIdentity else { return output.update(from: layer, count: 2 * side * side) }
    output.update(repeating: 0, count: 2 * side * side)
    forEachSample { index, _, _, x, y in
      (output[2 * index], output[2 * index + 1]) = CubicTaps.value(ofComplex: layer, side: side, x: x, y: y)
    }
  }

  /// The transpose of ``forward(_:into:)``: takes dL = Re Σ conj(g)·dt′ to the gradient by t; overwrites `output`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func adjoint(_ gradient: UnsafePointer<Scalar>, into output: UnsafeMutablePointer<Scalar>) {
    guard !isIdentity else { return output.update(from: gradient, count: 2 * side * side) }
    output.update(repeating: 0, count: 2 * side * side)
    forEachSample { index, _, _, x, y in
      if x.isInside(side), y.isInside(side) {
        var line = output + 2 * (y.first * side + x.first)
        for tapY in 0..<4 {
          let real = x.weights * (y.weights[tapY] * Double(gradient[2 * index]))
          let imaginary = x.weights * (y.weights[tapY] * Double(gradient[2 * index + 1]))
          for tapX in 0..<4 {
            line[2 * tapX] += Scalar(real[tapX])
            line[2 * tapX + 1] += Scalar(imaginary[tapX])
          }
          line += 2 * side
        }
        return
      }
      for tapY in 0..<4 where y.first + tapY >= 0 && y.first + tapY < side {
        let line = output + 2 * (y.first + tapY) * side
        let real = y.weights[tapY] * Double(gradient[2 * index])
        let imaginary = y.weights[tapY] * Double(gradient[2 * index + 1])
        for tapX in 0..<4 where x.first + tapX >= 0 && x.first + tapX < side {
          line[2 * (x.first + tapX)] += Scalar(x.weights[tapX] * real)
          line[2 * (x.first + tapX) + 1] += Scalar(x.weights[tapX] * imaginary)
        }
      }
    }
  }

  /// The derivatives of dL = Re Σ conj(g)·dt′ by shift, rotation and scale, given g and the layer t.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func gradient(_ gradient: UnsafePointer<Scalar>, of layer: UnsafePointer<Scalar>) -> Gradient {
    var shiftX = 0.0
    var shiftY = 0.0
    var turn = 0.0
    var radial = 0.0
    forEachSample { index, sourceX, sourceY, x, y in
      let real = CubicTaps.interpolate(layer, side: side, stride: 2, x: x, y: y)
      let imaginary = CubicTaps.interpolate(layer + 1, side: side, stride: 2, x: x, y: y)
      let weight = (Double(gradient[2 * index]), Double(gradient[2 * index + 1]))
      let slopeX = weight.0 * real.slopeX + weight.1 * imaginary.slopeX
      let slopeY = weight.0 * real.slopeY + weight.1 * imaginary.slopeY
      shiftX += slopeX
      shiftY += slopeY
      turn += slopeX * sourceY - slopeY * sourceX
      radial += slopeX * sourceX + slopeY * sourceY
    }
    let perMetre = 1 / (scale * step)
    return Gradient(
      shiftX: (-cosine * shiftX + sine * shiftY) * perMetre, shiftY: (-sine * shiftX - cosine * shiftY) * perMetre,
      rotation: turn, scale: -radial / scale)
  }

  /// Adds the derivative of the resampled layer by rotation and scale, each times a factor, to `output`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func addTangent(
    of layer: UnsafePointer<Scalar>, rotation: Double, scale factor: Double, to output: UnsafeMutablePointer<Scalar>
  ) {
    let growth = factor / scale
    forEachSample { index, sourceX, sourceY, x, y in
      let real = CubicTaps.interpolate(layer, side: side, stride: 2, x: x, y: y)
      let imaginary = CubicTaps.interpolate(layer + 1, side: side, stride: 2, x: x, y: y)
      let (alongX, alongY) = (rotation * sourceY - growth * sourceX, -rotation * sourceX - growth * sourceY)
      output[2 * index] += Scalar(alongX * real.slopeX + alongY * real.slopeY)
      output[2 * index + 1] += Scalar(alongX * imaginary.slopeX + alongY * imaginary.slopeY)
    }
  }

  /// Calls `body` for every sample that sees a part of the layer, with its index, the seen point from the layer's origin in
  /// samples, and the taps there.
  @inline(__always)
  private func forEachSample(_ body: (Int, Double, Double, CubicTaps, CubicTaps) -> Void) {
    let (c, s) = (cosine / scale, sine / scale)
    let (left, top) = (center + shift.x / step, center + shift.y / step)
    for row in 0..<side {
      let y = Double(row) - top
      for column in 0..<side {
        let x = Double(column) - left
        let sourceX = c * x + s * y
        let sourceY = c * y - s * x
        guard let tapsX = CubicTaps(at: sourceX + center, side: side),
          let tapsY = CubicTaps(at: sourceY + center, side: side)
        else { continue }
        body(row * side + column, sourceX, sourceY, tapsX, tapsY)
      }
    }
  }
}
