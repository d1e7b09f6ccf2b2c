import Arrays

/// Averages a region of frames over square blocks, as a fraction of full scale, and lays the result upright: as the detector
/// plane lies, however the camera is turned.
package struct RegionReadout {
  /// Samples of the result.
  let width: Int
  let height: Int
  private let region: Region
  private let block: Int
  private let fullScale: UInt16
  /// Where the blocks of the region show the samples of the result.
  private let placement: Orientation.Placement
  /// Pixels of the region that say nothing, on the sensor, and the sample of the result that each is part of.
  private let defects: [(pixel: PanelPoint, sample: Int)]
  /// All pixels of the sensor that say nothing, by ``place(_:_:)``.
  private let unsound: Set<Int>

  /// - Parameter defects: pixels of the sensor that are replaced by the mean of their neighbours.
  package init(camera: CameraLayout, block: Int, fullScale: UInt16, defects: [PanelPoint] = []) throws {
    guard block >= 1, camera.width.isMultiple(of: block), camera.height.isMultiple(of: block) else {
      throw BenchError.wrongBlock(block: block, width: camera.width, height: camera.height)
    }
    region = camera.region
    self.block = block
    self.fullScale = fullScale
    (width, height) = (camera.detectorSize.width / block, camera.detectorSize.height / block)
    placement = camera.orientation.placement(ofPlane: width, height)
    self.defects = Self.samples(of: defects, region, block, camera.orientation, width: width)
    unsound = Set(defects.map { Self.place($0.x, $0.y) })
  }

  private static func place(_ x: Int, _ y: Int) -> Int { y << 32 | x }

  private static func samples(
    of defects: [PanelPoint], _ region: Region, _ block: Int, _ orientation: Orientation, width: Int
  ) -> [(pixel: PanelPoint, sample: Int)] {
    let sample = orientation.inverse.placement(ofPlane: region.width / block, region.height / block)
    return defects.compactMap { pixel in
      let (x, y) = (pixel.x - region.x, pixel.y - region.y)
      guard (0..<region.width).contains(x), (0..<region.height).contains(y) else { return nil }
      let place = sample(x / block, y / block)
      return (pixel, place.y * width + place.x)
    }
  }

  /// Appends the values of a frame, row by row.
  /// - Returns: how many pixels of the region are at full scale.
  package func append(_ frame: Frame, to values: inout [Float]) -> Int {
    let start = values.count
    let clipped = appendBlocks(of: frame, to: &values)
    return defects.isEmpty ? clipped : clipped - repair(frame, &values, from: start)
  }

  /// Gives each defect the mean of its neighbours that are sound.
  /// - Returns: how many of the defects are at full scale.
  private func repair(_ frame: Frame, _ values: inout [Float], from start: Int) -> Int {
    let scale = 1 / (Float(fullScale) * Float(block * block))
    var clipped = 0
    for (pixel, sample) in defects {
      var (sum, count) = (0, 0)
      for y in max(0, pixel.y - 1)...min(frame.height - 1, pixel.y + 1) {
        for x in max(0, pixel.x - 1)...min(frame.width - 1, pixel.x + 1) where !unsound.contains(Self.place(x, y)) {
          sum += Int(frame.pixels[y * frame.width + x])
          count += 1
        }
      }
      let value = frame.pixels[pixel.y * frame.width + pixel.x]
      clipped += value >= fullScale ? 1 : 0
      if count > 0 { values[start + sample] += (Float(sum) / Float(count) - Float(value)) * scale }
    }
    return clipped
  }

  private func appendBlocks(of frame: Frame, to values: inout [Float]) -> Int {
    var clipped = 0
    let scale = 1 / (Float(fullScale) * Float(block * block))
    let corner = region.y * frame.width + region.x
    frame.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        for x in 0..<width {
          let place = placement(x, y)
          let first = corner + (place.y * frame.width + place.x) * block
          var sum = 0
          for row in 0..<block {
            let start = first + row * frame.width
            for column in 0..<block {
              let pixel = pixels[start + column]
              sum += Int(pixel)
              clipped += pixel >= fullScale ? 1 : 0
            }
          }
          values.append(Float(sum) * scale)
        }
      }
    }
    return clipped
  }
}
