import Numerics
import Optics

/// Puts an image on the beam: block replication, centring and the encoding of a pixel value as a field.
struct Encoder: Sendable {
  private let size: Int
  private let block: Int
  private let offset: Int
  private let side: Int
  private let encoding: InputDescription.Encoding

  /// - Parameter sampling: samples of the computation along each side of a grid sample.
  init(_ input: InputDescription, grid: Int, sampling: Int) {
    size = input.size
    block = input.block * sampling
    offset = (grid - input.size * input.block) / 2 * sampling
    side = grid * sampling
    encoding = input.encoding
  }

  /// Fills rows `[0, side)` of a zeroed canvas with the field of an image.
  func encode<Scalar: OpticsScalar>(
    _ image: UnsafePointer<Scalar>, into canvas: UnsafeMutablePointer<Scalar>, canvasWidth: Int
  ) {
    for y in 0..<side { (canvas + 2 * y * canvasWidth).update(repeating: 0, count: 2 * canvasWidth) }
    for imageRow in 0..<size {
      let first = canvas + 2 * ((offset + imageRow * block) * canvasWidth + offset)
      var position = first
      for imageColumn in 0..<size {
        let value = field(of: image[imageRow * size + imageColumn])
        for _ in 0..<block {
          position[0] = value.real
          position[1] = value.imaginary
          position += 2
        }
      }
      for copy in 1..<max(1, block) {
        (first + 2 * copy * canvasWidth).update(from: first, count: 2 * size * block)
      }
    }
  }

  private func field<Scalar: OpticsScalar>(of value: Scalar) -> Complex<Scalar> {
    switch encoding {
    case .amplitude: Complex(value, 0)
    case .intensity: Complex(max(value, 0).squareRoot(), 0)
    case .phase: Complex(Scalar.cos(.pi * value), Scalar.sin(.pi * value))
    }
  }
}
