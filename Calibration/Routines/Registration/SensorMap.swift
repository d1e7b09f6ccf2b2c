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

/// Pixels of the raw sensor as the twin takes them: one for each sample of its detector region.
struct CameraWindow: Sendable, Equatable {
  var orientation: Orientation
  /// The first pixel.
  var corner: PanelPoint
  /// The samples of the twin's grid that the pixels are counted as.
  var samples: Region
  /// Pixels along each side that count as one.
  var binning = 1
  /// The sample that the twin measures from, ⌊grid/2⌋ along x and y.
  var origin: SIMD2<Double>

  /// Pixels of the sensor.
  var region: Region {
    let size = orientation.size(ofPlane: samples.width, samples.height)
    return Region(x: corner.x, y: corner.y, width: size.width * binning, height: size.height * binning)
  }

  /// The pixel, or the middle of those, at a sample of the grid, which may be beyond the region.
  func pixel(ofSample sample: SIMD2<Double>) -> SIMD2<Double> {
    let place = orientation.placement(ofPlane: samples.width, samples.height)
    let step = sample - SIMD2(Double(samples.x), Double(samples.y))
    let inPicture = SIMD2(
      Double(place.origin.x) + step.x * Double(place.perColumn.x) + step.y * Double(place.perRow.x),
      Double(place.origin.y) + step.x * Double(place.perColumn.y) + step.y * Double(place.perRow.y))
    let half = Double(binning - 1) / 2
    return SIMD2(Double(corner.x), Double(corner.y)) + inPicture * Double(binning) + half
  }

  /// The means over the pixels of each sample, of a frame of the sensor; a sample with a clipped pixel is clipped.
  func read(_ frame: [Double], width: Int, clipped: Double) -> [Double] {
    let place = orientation.placement(ofPlane: samples.width, samples.height)
    let share = 1 / Double(binning * binning)
    return (0..<samples.width * samples.height).map { index in
      let at = place(index % samples.width, index / samples.width)
      let first = (corner.y + at.y * binning) * width + corner.x + at.x * binning
      var (sum, isClipped) = (0.0, false)
      for row in 0..<binning {
        for column in 0..<binning {
          let value = frame[first + row * width + column]
          sum += value
          if value >= clipped { isClipped = true }
        }
      }
      return isClipped ? clipped : sum * share
    }
  }
}

extension CameraWindow {
  /// The pixels that see the twin's detector region best. Pixels that see more than their sample are fewer than its samples: they would
  /// look beyond the plane. So are those of a sensor that has no room for the region.
  ///
  /// - Parameter binning: pixels along each side that count as one.
  init(_ map: SensorMap, sensor: (width: Int, height: Int), description: TwinDescription, binning: Int = 1) {
    let (grid, block) = (description.geometry.grid, description.detector.block)
    let stated = description.detector.region ?? Region(grid: grid)
    let scale = map.scale * Double(binning)
    orientation = map.orientation
    let room = orientation.inverse.size(ofPlane: sensor.width / binning, sensor.height / binning)
    func fitting(_ length: Int, _ room: Int) -> Int {
      let wanted = scale <= Self.largestScale ? length : Int(Double(length) / scale)
      return wanted == length && room >= length ? length : max(block, min(wanted, room) / block * block)
    }
    let (width, height) = (fitting(stated.width, room.width), fitting(stated.height, room.height))
    samples = Region(
      x: stated.x + (stated.width - width) / 2, y: stated.y + (stated.height - height) / 2, width: width,
      height: height)
    self.binning = binning
    origin = SIMD2(Double(grid / 2), Double(grid / 2))
    corner = PanelPoint(x: 0, y: 0)
    let middle = SIMD2(
      Double(stated.x) + Double(stated.width - 1) / 2, Double(stated.y) + Double(stated.height - 1) / 2)
    let place = map.pixel(seeing: middle) - pixel(ofSample: middle)
    let size = region
    corner = PanelPoint(
      x: min(max(0, Int(place.x.rounded())), max(0, sensor.width - size.width)),
      y: min(max(0, Int(place.y.rounded())), max(0, sensor.height - size.height)))
  }

  /// A pixel may see this much more than its sample before the region becomes smaller.
  static let largestScale = 1.1
}
