import Optics

/// The mean over blocks of samples, and its transpose.
struct BlockPooling<Scalar: OpticsScalar>: Sendable {
  let grid: DetectorGrid

  /// - Parameter row: room for one row of the plane.
  func pool(
    _ plane: UnsafePointer<Scalar>, into samples: UnsafeMutablePointer<Scalar>, row: UnsafeMutablePointer<Scalar>
  ) {
    let block = grid.block
    let length = grid.width * block
    let scale = 1 / Scalar(block * block)
    for sampleRow in 0..<grid.height {
      let start = plane + (grid.y + sampleRow * block) * grid.side + grid.x
      if block == 1 {
        (samples + sampleRow * length).update(from: start, count: length)
        continue
      }
      row.update(from: start, count: length)
      for line in 1..<block {
        let source = start + line * grid.side
        for x in 0..<length { row[x] += source[x] }
      }
      for sampleColumn in 0..<grid.width {
        let first = row + sampleColumn * block
        var sum = first[0]
        for column in 1..<block { sum += first[column] }
        samples[sampleRow * grid.width + sampleColumn] = sum * scale
      }
    }
  }

  /// Overwrites `plane`; zero outside the region.
  func spread(_ samples: UnsafePointer<Scalar>, into plane: UnsafeMutablePointer<Scalar>) {
    let block = grid.block
    let side = grid.side
    let end = grid.x + grid.width * block
    let scale = 1 / Scalar(block * block)
    plane.update(repeating: 0, count: grid.y * side)
    for sampleRow in 0..<grid.height {
      let line = plane + (grid.y + sampleRow * block) * side
      line.update(repeating: 0, count: grid.x)
      (line + end).update(repeating: 0, count: side - end)
      if block == 1 {
        (line + grid.x).update(from: samples + sampleRow * grid.width, count: grid.width)
        continue
      }
      var position = line + grid.x
      for sampleColumn in 0..<grid.width {
        let value = samples[sampleRow * grid.width + sampleColumn] * scale
        for _ in 0..<block {
          position[0] = value
          position += 1
        }
      }
      for copy in 1..<block { (line + copy * side).update(from: line, count: side) }
    }
    let last = grid.y + grid.height * block
    (plane + last * side).update(repeating: 0, count: (side - last) * side)
  }
}
