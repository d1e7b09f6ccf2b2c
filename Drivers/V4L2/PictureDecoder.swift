import CV4L
import Devices

/// The luma of compressed pictures, by libv4lconvert.
package final class PictureDecoder {
  private let width: Int
  private let height: Int
  private var converter: OpaquePointer?
  /// The luma of all pixels, then chroma at a quarter of the resolution.
  private var planes: [UInt8]

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
    planes = [UInt8](repeating: 0, count: width * height + 2 * ((width + 1) / 2) * ((height + 1) / 2))
  }

  deinit { close() }

  private func close() {
    if let converter { v4lconvert_destroy(converter) }
    converter = nil
  }

  /// The pixels, row-major, and what is wrong with them: a picture without its end is incomplete, one that cannot be
  /// decoded or has another size is an error; both are black then.
  package func pixels(of content: UnsafeRawBufferPointer) -> (pixels: [UInt16], flags: Frame.Flags) {
    // The device may still write to the content, which must not change between its check and its use.
    [UInt8](content).withUnsafeBytes(decoded)
  }

  private func decoded(_ content: UnsafeRawBufferPointer) -> (pixels: [UInt16], flags: Frame.Flags) {
    let black = [UInt16](repeating: 0, count: width * height)
    guard let picture = Self.wholePicture(content) else { return (black, .incomplete) }
    guard let header = PictureHeader(picture), header.isCommon, (header.width, header.height) == (width, height),
      decode(picture)
    else { return (black, .error) }
    let pixels = [UInt16](unsafeUninitializedCapacity: width * height) { pixels, count in
      planes.withUnsafeBufferPointer { planes in
        for index in pixels.indices { pixels[index] = UInt16(planes[index]) }
      }
      count = width * height
    }
    return (pixels, [])
  }

  private func decode(_ picture: UnsafeRawBufferPointer) -> Bool {
    if converter == nil { converter = cv4l_create_converter() }
    guard let converter else { return false }
    var from = format(cv4l_format_mjpeg, bytesPerLine: 0, size: picture.count)
    var to = format(cv4l_format_yuv420, bytesPerLine: width, size: planes.count)
    let bytes = UnsafeMutablePointer(mutating: picture.bindMemory(to: UInt8.self).baseAddress)
    let written = planes.withUnsafeMutableBufferPointer { planes in
      v4lconvert_convert(
        converter, &from, &to, bytes, Int32(clamping: picture.count), planes.baseAddress, Int32(clamping: planes.count))
    }
    if written >= width * height { return true }
    // What an error left behind in it must not get at the next picture.
    close()
    return false
  }

  private func format(_ fourCC: UInt32, bytesPerLine: Int, size: Int) -> v4l2_format {
    var format = v4l2_format()
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE.rawValue
    format.fmt.pix.width = UInt32(width)
    format.fmt.pix.height = UInt32(height)
    format.fmt.pix.pixelformat = fourCC
    format.fmt.pix.field = V4L2_FIELD_NONE.rawValue
    format.fmt.pix.bytesperline = UInt32(bytesPerLine)
    format.fmt.pix.sizeimage = UInt32(size)
    return format
  }

  /// A JPEG picture without the zeros that some cameras put behind it; nil when its end is missing.
  private static func wholePicture(_ content: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var end = content.count
    while end > 0, content[end - 1] == 0 { end -= 1 }
    guard end >= 4, content[0] == 0xff, content[1] == 0xd8, content[end - 2] == 0xff, content[end - 1] == 0xd9
    else { return nil }
    return UnsafeRawBufferPointer(rebasing: content[..<end])
  }
}
