import Arrays

/// A stack of images laid out in rows and columns, as an 8-bit greyscale picture.
public struct ImageGrid: Sendable {
  public let pixels: [UInt8]
  public let width: Int
  public let height: Int

  /// - Parameters:
  ///   - images: values in 0…1; others are clipped, and what is not a number is black.
  ///   - columns: images in a row.
  ///   - scale: pixels of the picture along each side of an image pixel.
  ///   - gap: pixels of mid-grey around every image.
  public init(_ images: Stack<Float>, columns: Int, scale: Int = 1, gap: Int = 2) {
    let columns = max(1, min(columns, images.count))
    let rows = (images.count + columns - 1) / columns
    let (cellWidth, cellHeight) = (images.width * scale + gap, images.height * scale + gap)
    width = columns * cellWidth + gap
    height = rows * cellHeight + gap
    var pixels = [UInt8](repeating: 96, count: width * height)
    for index in 0..<images.count {
      let left = gap + index % columns * cellWidth
      let top = gap + index / columns * cellHeight
      let image = images.values[images.range(ofPlane: index)]
      for y in 0..<images.height * scale {
        let source = image.startIndex + y / scale * images.width
        let target = (top + y) * width + left
        for x in 0..<images.width * scale { pixels[target + x] = Self.level(image[source + x / scale]) }
      }
    }
    self.pixels = pixels
  }

  /// The picture as a PNG file.
  public func png() throws -> [UInt8] { try PNG.encode(gray8: pixels, width: width, height: height) }

  private static func level(_ value: Float) -> UInt8 {
    value > 0 ? UInt8((min(value, 1) * 255).rounded()) : 0
  }
}
