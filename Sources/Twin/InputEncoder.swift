import Optics

/// Puts an image on the beam: block replication, centring and the encoding of a pixel value as a field.
///
/// Planes are row-major, `[side, side]`, and dark around the image. With `levels`, a value is first rounded to the nearest
/// of that many equally spaced values in 0…1, halves up.
///
/// A binary modulator has one mirror for each grid sample, so block² for each pixel. Of these, round(value·block²) are
/// on: the nearest to the pixel's centre, that is in the order of (2x + 1 − block)² + (2y + 1 − block)², equal ones row by
/// row.
package struct InputEncoder<Scalar: OpticsScalar>: Sendable {
  private let size: Int
  /// Mirrors along each side of a pixel, and computed samples along each side of a mirror.
  private let mirrors: Int
  private let sampling: Int
  private let offset: Int
  private let side: Int
  private let encoding: InputDescription.Encoding
  private let steps: Int?
  /// The place of each mirror of a pixel in the order in which they are turned on, row-major.
  private let order: [Int32]

  /// - Parameter sampling: samples of the computation along each side of a grid sample.
  package init(_ input: InputDescription, grid: Int, sampling: Int) {
    size = input.size
    mirrors = input.block
    self.sampling = sampling
    offset = (grid - input.size * input.block) / 2 * sampling
    side = grid * sampling
    encoding = input.encoding
    steps = input.levels.map { max(1, $0 - 1) }
    order = input.encoding == .binary ? Self.mirrorOrder(input.block) : []
  }

  /// Whether the field has no imaginary part, so that an amplitude describes it.
  package var isReal: Bool { encoding != .phase }

  /// The real field of an image; of a phase encoding its modulus.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func encode(
    _ image: UnsafePointer<Scalar>, amplitude plane: UnsafeMutablePointer<Scalar>
  ) {
    switch encoding {
    case .amplitude: replicate(image, into: plane) { quantised($0) }
    case .intensity: replicate(image, into: plane) { max(quantised($0), 0).squareRoot() }
    case .phase: replicate(image, into: plane) { _ in 1 }
    case .binary: turnMirrors(image, into: plane)
    }
  }

  /// The field of an image, complex and interleaved.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func encode(
    _ image: UnsafePointer<Scalar>, field plane: UnsafeMutablePointer<Scalar>
  ) {
    guard encoding == .phase else {
      // The amplitude fills the first half; spreading it out from the end overwrites nothing still to be read.
      encode(image, amplitude: plane)
      for index in (0..<side * side).reversed() {
        plane[2 * index] = plane[index]
        plane[2 * index + 1] = 0
      }
      return
    }
    let block = mirrors * sampling
    inBlockRows(of: plane, width: 2) { imageRow, line in
      var position = line
      for column in 0..<size {
        let angle = .pi * quantised(image[imageRow * size + column])
        let (real, imaginary) = (Scalar.cos(angle), Scalar.sin(angle))
        for _ in 0..<block {
          position[0] = real
          position[1] = imaginary
          position += 2
        }
      }
    }
  }

  /// The values that the modulator shows of the pixels, each replicated over its block; 0 around the image.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func upsample(
    _ image: UnsafePointer<Scalar>, into plane: UnsafeMutablePointer<Scalar>
  ) {
    guard encoding == .binary else { return replicate(image, into: plane) { quantised($0) } }
    replicate(image, into: plane) { Scalar(mirrorsOn($0)) / Scalar(mirrors * mirrors) }
  }

  // MARK: - Values

  @inline(__always)
  private func quantised(_ value: Scalar) -> Scalar {
    guard let steps else { return value }
    return Scalar(Self.nearest(value, of: steps)) / Scalar(steps)
  }

  /// The step nearest to a value in 0…1; in double precision, so that every scalar rounds alike.
  @inline(__always)
  private static func nearest(_ value: Scalar, of steps: Int) -> Int {
    Int((min(max(Double(value), 0), 1) * Double(steps)).rounded())
  }

  /// How many of a pixel's mirrors are on.
  @inline(__always)
  private func mirrorsOn(_ value: Scalar) -> Int {
    let all = mirrors * mirrors
    guard let steps else { return Self.nearest(value, of: all) }
    let (whole, rest) = (Self.nearest(value, of: steps) * all).quotientAndRemainder(dividingBy: steps)
    return 2 * rest >= steps ? whole + 1 : whole
  }

  private static func mirrorOrder(_ block: Int) -> [Int32] {
    func distance(_ mirror: Int) -> Int {
      let x = 2 * (mirror % block) + 1 - block
      let y = 2 * (mirror / block) + 1 - block
      return x * x + y * y
    }
    let sorted = (0..<block * block).sorted { (distance($0), $0) < (distance($1), $1) }
    var order = [Int32](repeating: 0, count: block * block)
    for (place, mirror) in sorted.enumerated() { order[mirror] = Int32(place) }
    return order
  }

  private func turnMirrors(
    _ image: UnsafePointer<Scalar>, into plane: UnsafeMutablePointer<Scalar>
  ) {
    let stride = sampling * side
    darken(plane, width: 1)
    order.withUnsafeBufferPointer { order in
      for pixel in 0..<size * size {
        let count = Int32(mirrorsOn(image[pixel]))
        let (row, column) = pixel.quotientAndRemainder(dividingBy: size)
        var line = plane + (offset + row * mirrors * sampling) * side + offset + column * mirrors * sampling
        for mirrorRow in 0..<mirrors {
          var position = line
          for place in order[mirrorRow * mirrors..<(mirrorRow + 1) * mirrors] {
            let amplitude: Scalar = place < count ? 1 : 0
            for _ in 0..<sampling {
              position[0] = amplitude
              position += 1
            }
          }
          line += stride
        }
      }
    }
    for row in 0..<size * mirrors {
      let line = plane + offset * side + offset + row * stride
      copy(line, times: sampling, count: size * mirrors * sampling, stride: side)
    }
  }

  // MARK: - Blocks

  @inline(__always)
  private func replicate(
    _ image: UnsafePointer<Scalar>, into plane: UnsafeMutablePointer<Scalar>, _ value: (Scalar) -> Scalar
  ) {
    let block = mirrors * sampling
    inBlockRows(of: plane, width: 1) { imageRow, line in
      for column in 0..<size {
        (line + column * block).update(repeating: value(image[imageRow * size + column]), count: block)
      }
    }
  }

  /// Has `fill` write the first line of every row of pixels, and repeats it over the pixel's height.
  @inline(__always)
  private func inBlockRows(
    of plane: UnsafeMutablePointer<Scalar>, width: Int, _ fill: (Int, UnsafeMutablePointer<Scalar>) -> Void
  ) {
    let block = mirrors * sampling
    darken(plane, width: width)
    for imageRow in 0..<size {
      let line = plane + width * ((offset + imageRow * block) * side + offset)
      fill(imageRow, line)
      copy(line, times: block, count: width * size * block, stride: width * side)
    }
  }

  private func copy(
    _ line: UnsafeMutablePointer<Scalar>, times: Int, count: Int, stride: Int
  ) {
    for copy in 1..<max(1, times) { (line + copy * stride).update(from: line, count: count) }
  }

  /// Zeroes what lies around the image, `width` reals for each sample.
  private func darken(_ plane: UnsafeMutablePointer<Scalar>, width: Int) {
    let extent = size * mirrors * sampling
    let right = offset + extent
    plane.update(repeating: 0, count: width * offset * side)
    for y in offset..<right {
      let line = plane + width * y * side
      line.update(repeating: 0, count: width * offset)
      (line + width * right).update(repeating: 0, count: width * (side - right))
    }
    (plane + width * right * side).update(repeating: 0, count: width * (side - right) * side)
  }
}
