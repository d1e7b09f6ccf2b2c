import Arrays
import Devices
import Twin

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
  /// The pixels that see the twin's detector region best; where the sensor has no room for it, those that see its middle.
  ///
  /// - Parameter binning: pixels along each side that count as one.
  init(_ map: SensorMap, sensor: (width: Int, height: Int), description: TwinDescription, binning: Int = 1) {
    let (grid, block) = (description.geometry.grid, description.detector.block)
    let stated = description.seenRegion
    orientation = map.orientation
    let room = orientation.inverse.size(ofPlane: sensor.width / binning, sensor.height / binning)
    func fitting(_ length: Int, _ room: Int) -> Int { room >= length ? length : max(block, room / block * block) }
    samples = stated.middle(width: fitting(stated.width, room.width), height: fitting(stated.height, room.height))
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

  /// The largest region of the twin's grid that pixels of the sensor see, around the middle of the one that is stated; nil when none is.
  static func largest(
    _ map: SensorMap, sensor: (width: Int, height: Int), description: TwinDescription
  ) -> CameraWindow? {
    let (stated, block) = (description.seenRegion, description.detector.block)
    for height in stride(from: stated.height, to: 0, by: -block) {
      let width = stated.width * height / stated.height / block * block
      guard width > 0 else { break }
      var smaller = description
      smaller.detector.region = stated.middle(width: width, height: height)
      let window = CameraWindow(map, sensor: sensor, description: smaller)
      if window.samples == smaller.seenRegion, window.partBeyond(map, grid: description.geometry.grid) <= mostBeyond {
        return window
      }
    }
    return nil
  }

  /// The part of the pixels that may look beyond the plane.
  private static let mostBeyond = 0.05

  private func partBeyond(_ map: SensorMap, grid: Int) -> Double {
    let bounds = -0.5...Double(grid) - 0.5
    let beyond = (0..<samples.width * samples.height).count { index in
      let sample = SIMD2(
        Double(samples.x + index % samples.width), Double(samples.y + index / samples.width))
      let seen = map(pixel(ofSample: sample))
      return !bounds.contains(seen.x) || !bounds.contains(seen.y)
    }
    return Double(beyond) / Double(samples.width * samples.height)
  }
}

extension TwinDescription {
  /// The samples of the grid that the detector sees.
  var seenRegion: Region { detector.region ?? Region(grid: geometry.grid) }
}

extension Region {
  /// Its middle, of that size.
  fileprivate func middle(width: Int, height: Int) -> Region {
    Region(x: x + (self.width - width) / 2, y: y + (self.height - height) / 2, width: width, height: height)
  }
}
