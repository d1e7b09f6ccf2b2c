import Arrays
import Devices
import Foundation
import Twin

/// Where the pixels of the raw sensor look: pixel q sees the plane at M·q + t. Pixels and samples are counted from 0 at their middles.
struct SensorMap: Sendable, Equatable {
  /// M, in samples of the plane for each pixel.
  var xx: Double
  var xy: Double
  var yx: Double
  var yy: Double
  /// t, in samples of the plane.
  var x: Double
  var y: Double

  func callAsFunction(_ pixel: SIMD2<Double>) -> SIMD2<Double> { turn(pixel) + SIMD2(x, y) }

  func turn(_ step: SIMD2<Double>) -> SIMD2<Double> {
    SIMD2(xx * step.x + xy * step.y, yx * step.x + yy * step.y)
  }

  /// The pixel that sees a point of the plane.
  func pixel(seeing point: SIMD2<Double>) -> SIMD2<Double> {
    let (dx, dy) = (point.x - x, point.y - y)
    return SIMD2(yy * dx - xy * dy, xx * dy - yx * dx) / (xx * yy - xy * yx)
  }

  /// Samples of the plane along each side of a pixel.
  var scale: Double { abs(xx * yy - xy * yx).squareRoot() }

  /// The one of the eight ways that leaves the least to turn.
  var orientation: Orientation {
    let all = Orientation.allCases.map { ($0, CameraPlace($0, self)) }
    return all.filter { $0.1.scale > 0 }.min { abs($0.1.rotation) < abs($1.1.rotation) }?.0 ?? .upright
  }
}

/// What the twin calls the camera's place, for a region of pixels that is laid upright. `binning` pixels along each side count as one.
struct CameraPlace: Sendable, Equatable {
  /// Samples of the plane that the middle of sample ⌊grid/2⌋ sees further along x and y.
  var shift = SIMD2<Double>.zero
  var rotation: Double
  /// Not positive where the orientation mirrors and the camera does not, or the other way round.
  var scale: Double
  var aspect: Double

  /// The names that the twin has for them.
  static let names = ["detectorShiftX", "detectorShiftY", "detectorRotation", "detectorScale", "detectorAspect"]

  /// Of a map, without its shift.
  init(_ orientation: Orientation, _ map: SensorMap, binning: Int = 1) {
    let step = orientation.placement(ofPlane: 1, 1)
    let x = map.turn(SIMD2(Double(step.perColumn.x), Double(step.perColumn.y))) * Double(binning)
    let y = map.turn(SIMD2(Double(step.perRow.x), Double(step.perRow.y))) * Double(binning)
    let (along, determinant) = ((x.x * x.x + x.y * x.y).squareRoot(), x.x * y.y - x.y * y.x)
    rotation = atan2(x.y, x.x)
    scale = determinant > 0 ? determinant.squareRoot() : -abs(determinant).squareRoot()
    aspect = along * along / abs(determinant)
  }

  /// - Parameters:
  ///   - view: the pixels and how they show the plane.
  ///   - map: where they look.
  init(_ view: CameraWindow, _ map: SensorMap) {
    self.init(view.orientation, map, binning: view.binning)
    shift = map(view.pixel(ofSample: view.origin)) - view.origin
  }

  init(values: [Double], pitch: Double) {
    shift = SIMD2(values[0], values[1]) / pitch
    (rotation, scale, aspect) = (values[2], values[3], values[4])
  }

  /// In the order of the names and in their units.
  func values(pitch: Double) -> [Double] { [shift.x * pitch, shift.y * pitch, rotation, scale, aspect] }

  /// The map of which this is the place.
  func map(_ view: CameraWindow) -> SensorMap {
    let (sx, sy) = (scale * aspect.squareRoot(), scale / aspect.squareRoot())
    let (c, s) = (cos(rotation), sin(rotation))
    let step = view.orientation.placement(ofPlane: 1, 1)
    // Columns of A by the inverse of the orientation's own turn, which is its transpose.
    let (cx, cy) = (Double(step.perColumn.x), Double(step.perColumn.y))
    let (rx, ry) = (Double(step.perRow.x), Double(step.perRow.y))
    let per = 1 / Double(view.binning)
    var map = SensorMap(
      xx: (c * sx * cx - s * sy * rx) * per, xy: (c * sx * cy - s * sy * ry) * per,
      yx: (s * sx * cx + c * sy * rx) * per, yy: (s * sx * cy + c * sy * ry) * per, x: 0, y: 0)
    let offset = view.origin + shift - map.turn(view.pixel(ofSample: view.origin))
    (map.x, map.y) = (offset.x, offset.y)
    return map
  }
}
