import Arrays
import Devices
import Files
import ServiceCore

/// How arrays go out: as the numbers that they are or as a picture to look at.
enum Picture: String, Sendable, Hashable {
  case npy, png

  /// The format that a query asks for.
  init(query: Substring?, default preset: Picture = .png) throws {
    guard let format = query.map({ Picture(rawValue: String($0)) }) ?? preset else {
      throw ServiceError(.requestInvalid, "format: \"\(query ?? "")\" is neither npy nor png")
    }
    self = format
  }

  var contentType: String { self == .png ? "image/png" : "application/octet-stream" }

  /// A camera frame: uint16 `[height, width]`, or 8 bits in which only saturated pixels are white.
  func encode(_ frame: Frame, fullScale: UInt16) throws -> [UInt8] {
    switch self {
    case .npy: return NPY.encode(NPYArray(shape: [frame.height, frame.width], elements: .uint16(frame.pixels)))
    case .png:
      let full = UInt32(max(fullScale, 1))
      let levels = frame.pixels.map { pixel in
        pixel >= fullScale ? 255 : UInt8(min(254, UInt32(pixel) * 255 / full))
      }
      return try PNG.encode(gray8: levels, width: frame.width, height: frame.height)
    }
  }

  /// What a modulator shows: uint8 `[height, width]`.
  func encode(_ pattern: Pattern) throws -> [UInt8] {
    switch self {
    case .npy: NPY.encode(NPYArray(shape: [pattern.height, pattern.width], elements: .uint8(pattern.levels)))
    case .png: try PNG.encode(gray8: pattern.levels, width: pattern.width, height: pattern.height)
    }
  }

  /// The first plane of a stack: float32 `[height, width]`, or 8 bits from `black` to `white`.
  func encode(_ stack: Stack<Float>, black: Float, white: Float) throws -> [UInt8] {
    let values = stack.values[stack.range(ofPlane: 0)]
    switch self {
    case .npy: return NPY.encode(NPYArray(shape: [stack.height, stack.width], elements: .float32(Array(values))))
    case .png:
      let scale = white > black ? 255 / (white - black) : 0
      let levels = values.map { value in
        let level = ((value - black) * scale).rounded()
        return level > 0 ? UInt8(min(level, 255)) : 0
      }
      return try PNG.encode(gray8: levels, width: stack.width, height: stack.height)
    }
  }
}
