import CPNG
import CZLib

/// Greyscale and colour images in PNG files, through libpng.
public enum PNG {
  /// An 8-bit greyscale image `[height, width]`.
  public static func encode(gray8 pixels: [UInt8], width: Int, height: Int) throws -> [UInt8] {
    try encode(pixels, samples: 1, format: 0, width: width, height: height)
  }

  /// An 8-bit colour image `[height, width, 3]` of red, green and blue.
  public static func encode(rgb8 pixels: [UInt8], width: Int, height: Int) throws -> [UInt8] {
    try encode(pixels, samples: 3, format: UInt32(PNG_FORMAT_FLAG_COLOR), width: width, height: height)
  }

  /// A 16-bit greyscale image `[height, width]`, marked as linear in light.
  ///
  /// Values of fewer bits are scaled to 16 as the PNG specification says, by repeating their bits, so that the brightest is
  /// white; the chunk `sBIT` tells how many there were. Shifting a sample right by the rest gives the value back.
  ///
  /// - Parameter significantBits: the bits of the largest value that a pixel can have, in 1…16.
  public static func encode(
    gray16 pixels: [UInt16], width: Int, height: Int, significantBits: Int = 16
  ) throws -> [UInt8] {
    let bits = max(1, min(16, significantBits))
    let scaled = bits == 16 ? pixels : pixels.map { repeatingBits(of: $0, bits) }
    let bytes = try encode(
      scaled, samples: 1, format: UInt32(PNG_FORMAT_FLAG_LINEAR), width: width, height: height)
    return bytes[..<afterHeader] + chunk("sBIT", [UInt8(bits)]) + bytes[afterHeader...]
  }

  /// Where the signature and the chunk IHDR end.
  private static let afterHeader = 33

  /// 16 bits that begin with the lowest `bits` of a value and repeat them.
  private static func repeatingBits(of value: UInt16, _ bits: Int) -> UInt16 {
    let value = value & (bits == 16 ? .max : 1 << UInt16(bits) - 1)
    // A shift by a negative number goes the other way.
    return stride(from: 16 - bits, to: -bits, by: -bits).reduce(0) { $0 | value << $1 }
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    func bigEndian(_ number: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }
    let checked = Array(name.utf8) + content
    let sum = checked.withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
    return bigEndian(UInt32(content.count)) + checked + bigEndian(UInt32(truncatingIfNeeded: sum))
  }

  /// Replaces the file with an 8-bit greyscale image (``AtomicFile``).
  public static func write(gray8 pixels: [UInt8], width: Int, height: Int, to path: String) throws {
    try AtomicFile.write(encode(gray8: pixels, width: width, height: height), to: path)
  }

  /// The values of an 8-bit greyscale PNG as they are stored; colour and gamma information in the file is ignored.
  ///
  /// - Parameter limit: the most pixels the image may have, so that a small file cannot fill the memory.
  /// - Throws: ``FilesError/malformed(file:place:expected:)`` for any other image.
  public static func decode(
    gray8 bytes: [UInt8], source: String, limit: Int = 1 << 28
  ) throws -> (pixels: [UInt8], width: Int, height: Int) {
    let plain = try criticalChunks(bytes, source: source)
    return try withImage { image in
      // libpng reads the bytes in the second call, not in the first.
      try plain.withUnsafeBytes { plain in
        guard png_image_begin_read_from_memory(image, plain.baseAddress, plain.count) != 0 else {
          throw malformed(source, image, "a PNG")
        }
        let (width, height) = (Int(image.pointee.width), Int(image.pointee.height))
        guard width <= 1 << 15, height <= 1 << 15, width * height <= limit else {
          throw FilesError.malformed(
            file: source, place: "byte 16",
            expected: "at most 32768 × 32768 and \(limit) pixels, found \(width) × \(height)")
        }
        image.pointee.format = 0
        var pixels = [UInt8](repeating: 0, count: width * height)
        let isRead = pixels.withUnsafeMutableBytes {
          png_image_finish_read(image, nil, $0.baseAddress, Int32(width), nil)
        }
        guard isRead != 0, image.pointee.warning_or_error == 0 else {
          throw malformed(source, image, "whole image data")
        }
        return (pixels, width, height)
      }
    }
  }

  /// Runs `body` with an image of libpng at one place: libpng keeps its address from one call to the next.
  private static func withImage<Result>(_ body: (UnsafeMutablePointer<png_image>) throws -> Result) rethrows -> Result {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    return try withUnsafeMutablePointer(to: &image) { image in
      defer { png_image_free(image) }
      return try body(image)
    }
  }

  private static func malformed(
    _ source: String, _ image: UnsafePointer<png_image>, _ expected: String
  ) -> FilesError {
    let reason = withUnsafeBytes(of: image.pointee.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return .malformed(file: source, place: "PNG data", expected: reason.isEmpty ? expected : "\(expected) (\(reason))")
  }

  private static func encode<Sample: BitwiseCopyable>(
    _ pixels: [Sample], samples: Int, format: UInt32, width: Int, height: Int
  ) throws -> [UInt8] {
    precondition(pixels.count == width * height * samples, "an image needs width·height pixels")
    return try withImage { image in
      image.pointee.width = UInt32(width)
      image.pointee.height = UInt32(height)
      image.pointee.format = format
      // Incompressible data grow by less than this.
      let capacity = pixels.count * MemoryLayout<Sample>.stride * 2 + height + 4096
      return try [UInt8](unsafeUninitializedCapacity: capacity) { bytes, count in
        var size = capacity
        let isWritten = pixels.withUnsafeBytes {
          png_image_write_to_memory(image, bytes.baseAddress, &size, 0, $0.baseAddress, Int32(width * samples), nil)
        }
        guard isWritten != 0 else { throw malformed("PNG", image, "an image that libpng can write") }
        count = size
      }
    }
  }

  /// The file without its ancillary chunks, after a check that it is 8-bit greyscale: with them, libpng would convert the
  /// values to a standard gamma, and a phase pattern must arrive as it was written.
  private static func criticalChunks(_ bytes: [UInt8], source: String) throws -> [UInt8] {
    guard bytes.count >= 33, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
      throw FilesError.malformed(file: source, place: "byte 0", expected: "a PNG file")
    }
    guard bytes[24] == 8, bytes[25] == 0 else {
      throw FilesError.malformed(
        file: source, place: "byte 24", expected: "8-bit greyscale, found \(bytes[24]) bits of colour type \(bytes[25])"
      )
    }
    var plain = Array(bytes[..<8])
    var position = 8
    while bytes.count - position >= 12 {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - position - 12 else { break }
      let isCritical = bytes[position + 4] & 0x20 == 0
      if isCritical { plain += bytes[position..<position + 12 + length] }
      position += 12 + length
    }
    guard position == bytes.count, plain.suffix(8).starts(with: Array("IEND".utf8)) else {
      throw FilesError.malformed(
        file: source, place: "byte \(position)", expected: "whole chunks up to IEND at the end")
    }
    return plain
  }
}
