import Arrays

/// Averages a region of frames over square blocks, as a fraction of full scale, and lays the result upright: as the detector
/// plane lies, however the camera is turned.
struct RegionReadout {
  /// Samples of the result.
  let width: Int
  let height: Int
  private let region: Region
  private let block: Int
  private let fullScale: UInt16
  /// Where the blocks of the region show the samples of the result.
  private let placement: Orientation.Placement

  init(camera: CameraLayout, block: Int, fullScale: UInt16) throws {
    guard block >= 1, camera.width.isMultiple(of: block), camera.height.isMultiple(of: block) else {
      throw BenchError.wrongBlock(block: block, width: camera.width, height: camera.height)
    }
    region = camera.region
    self.block = block
    self.fullScale = fullScale
    (width, height) = (camera.detectorSize.width / block, camera.detectorSize.height / block)
    placement = camera.orientation.placement(ofPlane: width, height)
  }

  /// Appends the values of a frame, row by row.
  /// - Returns: how many pixels of the region are at full scale.
  func append(_ frame: Frame, to values: inout [Float]) -> Int {
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
