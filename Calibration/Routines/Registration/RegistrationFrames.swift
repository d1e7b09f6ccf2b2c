import Arrays
import Devices
import Measuring
import Twin

/// The frames of a series above the dark, as parts of full scale.
struct RegistrationFrames: Sendable {
  /// Of the images, and of the squares in their order.
  let images: [Picture]
  let squares: [Picture]
  /// The second frame of the first squares.
  let again: Picture
  /// Whether squares on the layers, and another image, change what the camera sees.
  let layersMatter: Bool
  let imagesMatter: Bool

  /// Where samples are clipped.
  static let clipped = 1.0
  /// The part of a frame's variance that has to change.
  private static let change = 0.02

  init(_ series: AcquiredSteps, _ plan: RegistrationPlan, camera: CameraModel?) {
    let (fullScale, taken) = (Double(series.camera.description.fullScale), series.taken.map(\.sound.frames))
    let (width, height) = (series.camera.description.width, series.camera.description.height)
    let bad = ((camera?.hotPixels ?? []) + (camera?.deadPixels ?? [])).map { $0.y * width + $0.x }
    func picture(_ frames: [Frame], above dark: [Double]) -> Picture {
      let mean = PixelStatistics(frames).mean
      var values = zip(mean, dark).map { $0 >= fullScale ? Self.clipped : ($0 - $1) / fullScale }
      for pixel in bad where values.indices.contains(pixel) {
        let beside = [pixel - 1, pixel + 1, pixel - width, pixel + width].filter { values.indices.contains($0) }
        values[pixel] = beside.reduce(0) { $0 + values[$1] } / Double(max(1, beside.count))
      }
      return Picture(width: width, height: height, values: values)
    }
    let dark = taken.prefix(2).map { PixelStatistics($0).mean }
    let count = plan.images.count
    images = taken[2..<2 + count].map { picture($0, above: dark[0]) }
    let flat = picture(taken[2 + count], above: dark[1])
    let rest = taken[(3 + count)...]
    squares = rest.map { picture(Array($0.prefix(1)), above: dark[1]) }
    again = picture(Array((rest.first ?? []).suffix(1)), above: dark[1])
    // What differs between two frames of the same pattern is noise.
    let least = Self.change + 2 * Self.difference(squares[0], again)
    layersMatter = squares.contains { Self.difference($0, flat) > least }
    imagesMatter = (1..<count).contains { [images] in
      plan.images.planes(at: [$0]) == plan.images.planes(at: [0]) || Self.difference(images[$0], images[0]) > least
    }
  }

  /// The part of what two frames show in which they differ by more than brightness.
  private static func difference(_ first: Picture, _ second: Picture) -> Double {
    func plane(_ picture: Picture) -> Stack<Double> {
      Stack(count: 1, height: picture.height, width: picture.width, values: picture.values)
    }
    return Discrepancy(plane(first), plane(second)).pearson
  }
}
