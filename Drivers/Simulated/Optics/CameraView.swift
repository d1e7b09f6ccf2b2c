import Foundation

/// What the pixels of a camera that is not quite in its place see of the last plane: for each, weights on a small square
/// of plant samples. Between the samples, the intensity is that of the polynomial through the six nearest.
package struct CameraView: Sendable {
  private let side: Int
  private let count: Int
  /// Samples along each side of a pixel's square, and its first sample; −1 when it sees nothing.
  private let reach: Int
  private let first: [Int]
  private let weights: [Float]
  private let blur: GaussianKernel?

  /// - Parameters:
  ///   - moved: displacement of the camera by drift, in metres.
  package init(
    _ imaging: ImagingImperfection, view: SensorView, grid: PlantGrid, moved: (x: Double, y: Double) = (0, 0)
  ) {
    side = grid.side
    count = view.width * view.height
    blur = imaging.pointSpread > 0 ? GaussianKernel(deviation: imaging.pointSpread / grid.step) : nil
    var imaging = imaging
    imaging.shiftX += moved.x
    imaging.shiftY += moved.y
    let extent = 2 + Int((Double(grid.sampling) * imaging.largestScale(grid)).rounded(.up)) + 5
    reach = extent
    var first = [Int](repeating: -1, count: count)
    var weights = [Float](repeating: 0, count: count * extent * extent)
    for pixel in 0..<count {
      let corner = view.sample(pixel % view.width, pixel / view.width)
      let points = CameraView.points(of: corner, imaging, grid)
      guard let start = CameraView.start(points, extent, grid.side) else { continue }
      first[pixel] = start.y * grid.side + start.x
      for point in points {
        let horizontal = CameraView.interpolation(point.x - Double(start.x), extent)
        let vertical = CameraView.interpolation(point.y - Double(start.y), extent)
        for y in 0..<extent where vertical[y] != 0 {
          for x in 0..<extent {
            weights[(pixel * extent + y) * extent + x] += Float(point.weight * vertical[y] * horizontal[x])
          }
        }
      }
    }
    (self.first, self.weights) = (first, weights)
  }

  /// The intensity of each pixel, from that of every plant sample of the canvas.
  package func look(at samples: [Double]) -> [Float] {
    let plane = blur?.apply(samples, width: side, height: side) ?? samples
    return plane.withUnsafeBufferPointer { plane in
      weights.withUnsafeBufferPointer { weights in
        first.enumerated().map { pixel, first in
          guard first >= 0 else { return 0 }
          var sum = 0.0
          for y in 0..<reach {
            let (row, weight) = (first + y * side, (pixel * reach + y) * reach)
            for x in 0..<reach { sum += Double(weights[weight + x]) * plane[row + x] }
          }
          return Float(max(0, sum))
        }
      }
    }
  }

  // MARK: - Weights

  /// A point of a pixel: where it sees the canvas, in plant samples, and its part of the pixel's area there.
  private struct Point {
    var x: Double
    var y: Double
    var weight: Double
  }

  /// The points of the pixel at a layer sample of the canvas: as many as the sample has plant samples, and more where the pixel
  /// covers several layer samples.
  private static func points(
    of sample: (x: Int, y: Int), _ imaging: ImagingImperfection, _ grid: PlantGrid
  ) -> [Point] {
    let s = grid.sampling
    let origin = Double((grid.margin + grid.grid / 2) * s) + Double(s - 1) / 2
    let points = s * max(1, Int(imaging.scale.rounded()))
    return (0..<points * points).map { index in
      let u = grid.place(sample.x, index % points, of: points)
      let v = grid.place(sample.y, index / points, of: points)
      let seen = imaging.map(u, v)
      return Point(
        x: origin + seen.x / grid.step, y: origin + seen.y / grid.step, weight: seen.area / Double(points * points))
    }
  }

  /// The first sample of a pixel's square; nil when it would leave the canvas.
  private static func start(_ points: [Point], _ extent: Int, _ side: Int) -> (x: Int, y: Int)? {
    let canvas = 2...Double(max(2, side))
    // A point that a keystone puts behind the camera has no place on the canvas.
    guard side >= extent, points.allSatisfy({ $0.weight > 0 && canvas.contains($0.x) && canvas.contains($0.y) }) else {
      return nil
    }
    let x = Int((points.map(\.x).min() ?? 2).rounded(.down)) - 2
    let y = Int((points.map(\.y).min() ?? 2).rounded(.down)) - 2
    let inside = 0...(side - extent)
    return inside.contains(x) && inside.contains(y) ? (x, y) : nil
  }

  /// The weights of samples 0, 1, … for a place between them: Lagrange's polynomials of six points.
  private static func interpolation(_ place: Double, _ count: Int) -> [Double] {
    let points = Int(place.rounded(.down)) - 2...Int(place.rounded(.down)) + 3
    return (0..<count).map { index in
      guard points.contains(index) else { return 0 }
      return points.reduce(1) { $1 == index ? $0 : $0 * (place - Double($1)) / Double(index - $1) }
    }
  }
}

extension PlantGrid {
  /// The position in metres of point `index` of `count` along a side of layer sample `sample` of the canvas, which may lie beyond it.
  fileprivate func place(_ sample: Int, _ index: Int, of count: Int) -> Double {
    (Double(sample - margin - grid / 2) + (Double(index) + 0.5) / Double(count) - 0.5) * pitch
  }
}

extension ImagingImperfection {
  /// The point of the last plane that a point of the camera sees, and the area there of a unit of the camera's.
  package func map(_ u: Double, _ v: Double) -> (x: Double, y: Double, area: Double) {
    let inverse = 1 / (1 + keystoneX * u + keystoneY * v)
    let (c, s) = (scale * cos(rotation) * inverse, scale * sin(rotation) * inverse)
    let (u, v) = (u * aspect.squareRoot(), v / aspect.squareRoot())
    return (shiftX + c * u - s * v, shiftY + s * u + c * v, scale * scale * inverse * inverse * inverse)
  }

  /// An upper bound for the width of a pixel's image in units of the pixel.
  fileprivate func largestScale(_ grid: PlantGrid) -> Double {
    let reach = Double(grid.canvas) * grid.pitch
    let depth = max(0.1, 1 - reach * (abs(keystoneX) + abs(keystoneY)))
    return scale * max(aspect, 1 / aspect).squareRoot() * (1 + abs(rotation)) / (depth * depth)
  }
}
