import Optics

/// Samples the intensity of the output plane: the mean over blocks inside a region.
struct Detector: Sendable {
  /// Detector samples.
  let height: Int
  let width: Int
  private let block: Int
  private let x: Int
  private let y: Int

  /// - Parameters:
  ///   - block: grid samples along each side of a detector sample; the description's own when nil.
  ///   - sampling: samples of the computation along each side of a grid sample.
  init(_ detector: DetectorDescription, block: Int?, grid: Int, sampling: Int) throws(TwinError) {
    let region = detector.region ?? GridRegion(x: 0, y: 0, width: grid, height: grid)
    let side = block ?? detector.block
    guard side > 0, region.width % side == 0, region.height % side == 0 else {
      throw .description(
        "a detector region of \(region.width)×\(region.height) samples does not divide into blocks of \(side)")
    }
    height = region.height / side
    width = region.width / side
    self.block = side * sampling
    x = region.x * sampling
    y = region.y * sampling
  }

  var count: Int { height * width }

  /// Writes the mean intensity of each block of `field` (rows of `stride` complex samples) to `intensity`.
  func detect<Scalar: OpticsScalar>(
    _ field: UnsafePointer<Scalar>, stride: Int, into intensity: UnsafeMutablePointer<Scalar>,
    row: UnsafeMutablePointer<Scalar>
  ) {
    let scale = 1 / Scalar(block * block)
    for sampleRow in 0..<height {
      row.update(repeating: 0, count: width * block)
      for line in 0..<block {
        let start = field + 2 * ((y + sampleRow * block + line) * stride + x)
        Scalar.addIntensity(of: start, to: row, count: width * block)
      }
      for sampleColumn in 0..<width {
        var sum: Scalar = 0
        for column in 0..<block { sum += row[sampleColumn * block + column] }
        intensity[sampleRow * width + sampleColumn] = sum * scale
      }
    }
  }

  /// Turns `field` into the adjoint field 2∂L/∂conj(U), given ∂L/∂I of each detector sample; zero outside the region.
  func adjoint<Scalar: OpticsScalar>(
    _ field: UnsafeMutablePointer<Scalar>, stride: Int, side: Int, gradient: UnsafePointer<Scalar>,
    row: UnsafeMutablePointer<Scalar>
  ) {
    let scale = 2 / Scalar(block * block)
    for sampleRow in 0..<height {
      for sampleColumn in 0..<width {
        let weight = gradient[sampleRow * width + sampleColumn] * scale
        for column in 0..<block { row[sampleColumn * block + column] = weight }
      }
      for line in 0..<block {
        let start = field + 2 * (y + sampleRow * block + line) * stride
        Scalar.weight(start + 2 * x, by: row, count: width * block)
        start.update(repeating: 0, count: 2 * x)
        let end = x + width * block
        (start + 2 * end).update(repeating: 0, count: 2 * (side - end))
      }
    }
    for line in Array(0..<y) + Array(y + height * block..<side) {
      (field + 2 * line * stride).update(repeating: 0, count: 2 * side)
    }
  }
}
