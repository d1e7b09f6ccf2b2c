import Numerics

/// The map from a point of the detector to the point of the output plane that it sees, a homography:
///
///     p = shift + A·u / (1 + keystone·u),   A = R(rotation) · diag(scale·√aspect, scale/√aspect) · [[1, shear], [0, 1]]
struct Registration: Sendable {
  private let variables: DetectorVariables
  private let matrix: Matrix

  init(_ variables: DetectorVariables) {
    self.variables = variables
    matrix = Self.matrix(variables, scaleX: Self.scales(variables).x, scaleY: Self.scales(variables).y)
  }

  /// Whether every detector point sees the plane's point of the same coordinates.
  var isIdentity: Bool {
    let neutral = DetectorVariables.neutral
    let all: [DetectorVariables.Index] = [
      .shiftX, .shiftY, .rotation, .scale, .aspect, .shear, .keystoneX, .keystoneY,
    ]
    return all.allSatisfy { variables[$0] == neutral[$0] }
  }

  /// Points along each side of a computed sample over which its light is averaged: more than its middle where it covers several samples of
  /// the plane. The slack keeps a detector that is nearly as large as the plane at one.
  var points: Int { Int(min(max(1, (variables.scale - Self.slack).rounded(.up)), Self.mostPoints)) }

  private static let (slack, mostPoints) = (0.1, 16.0)

  /// What a detector point sees.
  struct Point {
    let x: Double
    let y: Double
    /// 1/(1 + keystone·u); the map makes sense where this is positive.
    let inverseDepth: Double
    /// Area on the plane per area on the detector.
    let area: Double
  }

  @inline(__always)
  func map(_ u: Double, _ v: Double) -> Point {
    let inverse = 1 / (1 + variables.keystoneX * u + variables.keystoneY * v)
    return Point(
      x: variables.shiftX + (matrix.xx * u + matrix.xy * v) * inverse,
      y: variables.shiftY + (matrix.yx * u + matrix.yy * v) * inverse,
      inverseDepth: inverse, area: variables.scale * variables.scale * inverse * inverse * inverse)
  }

  // MARK: - Derivatives

  /// Sums over detector points from which the derivative by every registration variable follows.
  struct Sums {
    fileprivate var shiftX = 0.0
    fileprivate var shiftY = 0.0
    fileprivate var keystoneX = 0.0
    fileprivate var keystoneY = 0.0
    fileprivate var matrix = Matrix()
    fileprivate var energy = 0.0
  }

  /// Adds one detector point's part of the derivative of Σ weight·area·I(p).
  ///
  /// - Parameters:
  ///   - value: I at the point, with the derivatives `slopeX` and `slopeY` per metre.
  @inline(__always)
  func add(
    _ u: Double, _ v: Double, _ point: Point, weight: Double, value: Double, slopeX: Double, slopeY: Double,
    to sums: inout Sums
  ) {
    let weight = weight * point.area
    let x = weight * slopeX
    let y = weight * slopeY
    let (u, v) = (u * point.inverseDepth, v * point.inverseDepth)
    let energy = weight * value
    let along = x * (point.x - variables.shiftX) + y * (point.y - variables.shiftY) + 3 * energy
    sums.shiftX += x
    sums.shiftY += y
    sums.matrix.xx += x * u
    sums.matrix.xy += x * v
    sums.matrix.yx += y * u
    sums.matrix.yy += y * v
    sums.keystoneX -= along * u
    sums.keystoneY -= along * v
    sums.energy += energy
  }

  /// Adds the derivative by every registration variable to `gradient`.
  func add(_ sums: Sums, to gradient: UnsafeMutablePointer<Double>) {
    func add(_ value: Double, to index: DetectorVariables.Index) { gradient[index.rawValue] += value }
    let scales = Self.scales(variables)
    let aspect = variables.aspect
    let (sine, cosine) = (Double.sin(variables.rotation), Double.cos(variables.rotation))
    add(sums.shiftX, to: .shiftX)
    add(sums.shiftY, to: .shiftY)
    add(sums.matrix.dot(Matrix(xx: -matrix.yx, xy: -matrix.yy, yx: matrix.xx, yy: matrix.xy)), to: .rotation)
    add((sums.matrix.dot(matrix) + 2 * sums.energy) / variables.scale, to: .scale)
    let byAspect = Self.matrix(variables, scaleX: scales.x / (2 * aspect), scaleY: -scales.y / (2 * aspect))
    add(sums.matrix.dot(byAspect), to: .aspect)
    add(sums.matrix.dot(Matrix(xy: cosine * scales.x, yy: sine * scales.x)), to: .shear)
    add(sums.keystoneX, to: .keystoneX)
    add(sums.keystoneY, to: .keystoneY)
  }

  private static func scales(_ variables: DetectorVariables) -> (x: Double, y: Double) {
    let root = variables.aspect.squareRoot()
    return (variables.scale * root, variables.scale / root)
  }

  private static func matrix(_ variables: DetectorVariables, scaleX: Double, scaleY: Double) -> Matrix {
    let (sine, cosine) = (Double.sin(variables.rotation), Double.cos(variables.rotation))
    return Matrix(
      xx: cosine * scaleX, xy: cosine * scaleX * variables.shear - sine * scaleY,
      yx: sine * scaleX, yy: sine * scaleX * variables.shear + cosine * scaleY)
  }
}

/// Two by two numbers.
private struct Matrix: Sendable {
  var xx = 0.0
  var xy = 0.0
  var yx = 0.0
  var yy = 0.0

  func dot(_ other: Matrix) -> Double { xx * other.xx + xy * other.xy + yx * other.yx + yy * other.yy }
}
