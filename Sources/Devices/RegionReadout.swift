/// Averages a region of frames over square blocks, as a fraction of full scale.
struct RegionReadout {
  let region: PanelRegion
  let block: Int
  let fullScale: UInt16

  /// Samples of the result.
  var width: Int { region.width / block }
  var height: Int { region.height / block }

  init(region: PanelRegion, block: Int, fullScale: UInt16) throws {
    guard block >= 1, region.width.isMultiple(of: block), region.height.isMultiple(of: block) else {
      throw BenchError.wrongBlock(block: block, width: region.width, height: region.height)
    }
    self.region = region
    self.block = block
    self.fullScale = fullScale
  }

  /// Appends the values of a frame, row by row.
  func append(_ frame: Frame, to values: inout [Float]) {
    let scale = 1 / (Float(fullScale) * Float(block * block))
    frame.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        for x in 0..<width {
          var sum = 0
          for row in 0..<block {
            let start = (region.y + y * block + row) * frame.width + region.x + x * block
            for column in 0..<block { sum += Int(pixels[start + column]) }
          }
          values.append(Float(sum) * scale)
        }
      }
    }
  }
}
