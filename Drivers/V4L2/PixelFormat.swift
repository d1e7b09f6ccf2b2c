import CV4L

/// The pixel formats that this driver reads, those first that are taken first: the deepest grey ones.
///
/// The layouts are those of the kernel's documentation (userspace-api/media/v4l/pixfmt-yuv-luma, pixfmt-srggb…).
package struct PixelFormat: RawRepresentable, CaseIterable, Sendable, Hashable {
  /// How the numbers of the pixels lie in a row.
  package enum Packing: Sendable, Hashable {
    /// Bytes, `stride` apart.
    case bytes(stride: Int, first: Int)
    /// Words of 16 bits.
    case words(isBigEndian: Bool)
    /// Words of 16 bits with the number in the upper bits.
    case leftWords
    /// MIPI RAW10, RAW12, RAW14: the upper eight bits of a group, then the lower bits of each.
    case mipi
    /// Bit after bit, the highest first.
    case bigEndianBits
    /// Groups of 25 pixels in 32 bytes, bit after bit, the lowest first.
    case ipu3
    /// One JPEG picture for each frame.
    case picture
  }

  /// What the numbers are.
  package enum Content: Sendable, Hashable {
    /// Those of the sensor.
    case grey
    /// Those of the sensor, every second one behind another colour filter.
    case mosaic
    /// Brightness computed from colours.
    case luma
  }

  /// The name in bench files, which is the kernel's without `V4L2_PIX_FMT_`.
  package let rawValue: String
  package let fourCC: UInt32
  package let packing: Packing
  package let content: Content
  /// Bits of a pixel that the sensor can have used; more than one number where the format does not tell.
  package let bits: ClosedRange<Int>

  package init?(rawValue: String) {
    guard let format = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = format
  }

  package init?(fourCC: UInt32) {
    guard let format = Self.allCases.first(where: { $0.fourCC == fourCC }) else { return nil }
    self = format
  }

  private init(_ name: String, _ letters: String, _ packing: Packing, _ content: Content, _ bits: ClosedRange<Int>) {
    rawValue = name
    fourCC = Self.code(letters)
    self.packing = packing
    self.content = content
    self.bits = bits
  }

  private init(_ name: String, _ letters: String, _ packing: Packing, _ bits: Int, _ content: Content = .grey) {
    self.init(name, letters, packing, content, bits...bits)
  }

  private static func code(_ letters: String) -> UInt32 {
    let letters = letters.utf8.prefix(4)
    return letters.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  // MARK: - All

  package static let y16 = PixelFormat("Y16", "Y16 ", .words(isBigEndian: false), .grey, 8...16)
  package static let y16BigEndian = PixelFormat(
    "Y16_BE", cv4l_format_y16_be, .words(isBigEndian: true), .grey, 8...16)
  package static let y14 = PixelFormat("Y14", "Y14 ", .words(isBigEndian: false), 14)
  package static let y14Packed = PixelFormat("Y14P", "Y14P", .mipi, 14)
  package static let y12 = PixelFormat("Y12", "Y12 ", .words(isBigEndian: false), 12)
  package static let y12Left = PixelFormat("Y012", "Y012", .leftWords, 12)
  package static let y12Packed = PixelFormat("Y12P", "Y12P", .mipi, 12)
  package static let y10 = PixelFormat("Y10", "Y10 ", .words(isBigEndian: false), 10)
  package static let y10Packed = PixelFormat("Y10P", "Y10P", .mipi, 10)
  package static let y10Bits = PixelFormat("Y10BPACK", "Y10B", .bigEndianBits, 10)
  package static let y10IPU3 = PixelFormat("IPU3_Y10", "ip3y", .ipu3, 10)
  package static let grey = PixelFormat("GREY", "GREY", .bytes(stride: 1, first: 0), 8)
  package static let yuyv = PixelFormat("YUYV", "YUYV", .bytes(stride: 2, first: 0), 8, .luma)
  package static let mjpeg = PixelFormat("MJPEG", "MJPG", .picture, 8, .luma)

  package static let allCases: [PixelFormat] =
    [
      y16, y16BigEndian, y14, y14Packed, y12, y12Left, y12Packed, y10, y10Packed, y10Bits, y10IPU3, grey, yuyv,
      PixelFormat("YVYU", "YVYU", .bytes(stride: 2, first: 0), 8, .luma),
      PixelFormat("UYVY", "UYVY", .bytes(stride: 2, first: 1), 8, .luma),
      PixelFormat("VYUY", "VYUY", .bytes(stride: 2, first: 1), 8, .luma),
    ] + planes + [mjpeg, PixelFormat("JPEG", "JPEG", .picture, 8, .luma)] + mosaics

  /// The luma of all pixels comes first, then chroma.
  private static let planes: [PixelFormat] = [
    ("NV12", "NV12"), ("NV21", "NV21"), ("NV16", "NV16"), ("NV61", "NV61"), ("YUV420", "YU12"), ("YVU420", "YV12"),
    ("YUV422P", "422P"),
  ].map { PixelFormat($0, $1, .bytes(stride: 1, first: 0), 8, .luma) }

  /// The four orders of the colours of a mosaic, at each depth.
  private static let mosaics: [PixelFormat] = ["SBGGR", "SGBRG", "SGRBG", "SRGGB"].enumerated().flatMap { order, name in
    func format(_ suffix: String, _ letters: [String], _ packing: Packing, _ bits: ClosedRange<Int>) -> PixelFormat {
      PixelFormat(name + suffix, letters[order], packing, .mosaic, bits)
    }
    let words = Packing.words(isBigEndian: false)
    return [
      format("16", ["BYR2", "GB16", "GR16", "RG16"], words, 8...16),
      format("14", ["BG14", "GB14", "GR14", "RG14"], words, 14...14),
      format("14P", ["pBEE", "pGEE", "pgEE", "pREE"], .mipi, 14...14),
      format("12", ["BG12", "GB12", "BA12", "RG12"], words, 12...12),
      format("12P", ["pBCC", "pGCC", "pgCC", "pRCC"], .mipi, 12...12),
      format("10", ["BG10", "GB10", "BA10", "RG10"], words, 10...10),
      format("10P", ["pBAA", "pGAA", "pgAA", "pRAA"], .mipi, 10...10),
      format("8", ["BA81", "GBRG", "GRBG", "RGGB"], .bytes(stride: 1, first: 0), 8...8),
    ]
  }

  private init(_ name: String, _ code: UInt32, _ packing: Packing, _ content: Content, _ bits: ClosedRange<Int>) {
    rawValue = name
    fourCC = code
    self.packing = packing
    self.content = content
    self.bits = bits
  }

  // MARK: - Layout

  /// Whether the numbers are those of a sensor without colours.
  package var isGrey: Bool { content == .grey }

  /// Whether the format itself says how many bits the sensor uses.
  package var tellsDepth: Bool { bits.count == 1 }

  /// What the bench file must say of a format that does not tell its depth.
  package var neededDepth: String {
    "how many bits of \(rawValue) the sensor uses, \(bits.lowerBound)…\(bits.upperBound): the format does not tell; and "
      + "justified: left where they are the upper ones"
  }

  /// Whether the numbers lie in words of 16 bits, on whose upper side a driver may put them.
  package var canBeLeftJustified: Bool { if case .words = packing { true } else { false } }

  /// Bytes of a row without its padding; nil for compressed pictures.
  package func rowBytes(width: Int) -> Int? {
    func groups(_ pixels: Int) -> Int { (width + pixels - 1) / pixels }
    switch packing {
    // Colours in between belong to two pixels.
    case .bytes(let stride, _): return stride == 1 ? width : 4 * groups(2)
    case .words, .leftWords: return 2 * width
    case .mipi:
      switch bits.upperBound {
      case 10: return 5 * groups(4)
      case 12: return 3 * groups(2)
      default: return 7 * groups(4)
      }
    case .bigEndianBits: return (bits.upperBound * width + 7) / 8
    case .ipu3: return 32 * groups(25)
    case .picture: return nil
    }
  }
}

extension PixelFormat: CustomStringConvertible {
  package var description: String { rawValue }
}

/// The four letters of a pixel format, as the kernel numbers them.
package func fourCCName(_ code: UInt32) -> String {
  if let format = PixelFormat(fourCC: code) { return format.rawValue }
  let letters = (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * $0)) & 0x7f }
  let printable = letters.allSatisfy { (0x20..<0x7f).contains($0) }
  return printable ? String(decoding: letters, as: UTF8.self) : "0x\(String(code, radix: 16))"
}
