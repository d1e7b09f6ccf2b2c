import CV4L

/// The pixel formats that this driver reads, the deepest grey ones first.
package enum PixelFormat: String, CaseIterable, Sendable {
  case y16 = "Y16"
  case y16BigEndian = "Y16_BE"
  case y14 = "Y14"
  case y12 = "Y12"
  case y12Packed = "Y12P"
  case y10 = "Y10"
  case y10Packed = "Y10P"
  case grey = "GREY"
  /// Colour with the luma of every pixel in a byte of its own.
  case yuyv = "YUYV"
  /// One JPEG picture for each frame.
  case mjpeg = "MJPEG"

  package init?(fourCC: UInt32) {
    guard let format = Self.allCases.first(where: { $0.fourCC == fourCC }) else { return nil }
    self = format
  }

  package var fourCC: UInt32 {
    switch self {
    case .y16: cv4l_format_y16
    case .y16BigEndian: cv4l_format_y16_be
    case .y14: cv4l_format_y14
    case .y12: cv4l_format_y12
    case .y12Packed: cv4l_format_y12p
    case .y10: cv4l_format_y10
    case .y10Packed: cv4l_format_y10p
    case .grey: cv4l_format_grey
    case .yuyv: cv4l_format_yuyv
    case .mjpeg: cv4l_format_mjpeg
    }
  }

  /// Bits of a pixel that the sensor can have used.
  package var bits: ClosedRange<Int> {
    switch self {
    case .y16, .y16BigEndian: 8...16
    case .y14: 14...14
    case .y12, .y12Packed: 12...12
    case .y10, .y10Packed: 10...10
    case .grey, .yuyv, .mjpeg: 8...8
    }
  }

  /// Whether the numbers are those of the sensor; colour formats were interpolated, and MJPEG compressed as well.
  package var isGrey: Bool { self != .yuyv && self != .mjpeg }

  /// Bytes of a row without its padding; nil for compressed pictures.
  package func rowBytes(width: Int) -> Int? {
    switch self {
    case .grey: width
    case .y10, .y12, .y14, .y16, .y16BigEndian, .yuyv: 2 * width
    case .y10Packed: 5 * width / 4
    case .y12Packed: 3 * width / 2
    case .mjpeg: nil
    }
  }

  /// The width of a frame is a multiple of this.
  package var groupWidth: Int {
    switch self {
    case .y10Packed: 4
    case .y12Packed, .yuyv: 2
    default: 1
    }
  }
}

/// The four letters of a pixel format, as the kernel numbers them.
package func fourCCName(_ code: UInt32) -> String {
  if let format = PixelFormat(fourCC: code) { return format.rawValue }
  let letters = (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * $0)) & 0x7f }
  let printable = letters.allSatisfy { (0x20..<0x7f).contains($0) }
  return printable ? String(decoding: letters, as: UTF8.self) : "0x\(String(code, radix: 16))"
}
