#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the pixels of a scan-out buffer are laid out, and grey levels packed into them.
///
/// A level appears on all three channels. The channel with the fewest bits, n, decides how many levels there are: 2ⁿ, at
/// most 256. With fewer than 256, level l is the value l of that channel itself, so that no two levels coincide; wider
/// channels get the value nearest to the same fraction of their full scale.
public struct PanelPixels: Sendable, Equatable {
  /// The bits of one channel within a pixel, counted from the least significant one.
  public struct Channel: Sendable, Equatable {
    public var offset: Int
    public var length: Int

    public init(offset: Int, length: Int) {
      self.offset = offset
      self.length = length
    }

    fileprivate var mask: UInt32 { length == 0 ? 0 : (UInt32.max >> UInt32(32 - length)) << UInt32(offset) }
  }

  /// 8, 16, 24 or 32.
  public let bitsPerPixel: Int
  /// Distinct grey levels on every channel.
  public let greyLevels: Int
  /// The pixel of each level; levels that the panel does not have are those of its highest.
  private let pixels: [UInt32]
  /// With 8 bits in every channel, a pixel is `level * factor | fill`, which needs no table.
  private let factor: UInt32?
  private let fill: UInt32

  /// 32 bits with 8 for each channel, blue lowest; the highest byte is ignored.
  public static let xrgb8888 = PanelPixels(
    bitsPerPixel: 32,
    channels: [Channel(offset: 16, length: 8), Channel(offset: 8, length: 8), Channel(offset: 0, length: 8)], fill: 0)

  /// 8 bits that are the level itself, where the device maps them to grey.
  public static let grey8 = PanelPixels(bitsPerPixel: 8, channels: [Channel(offset: 0, length: 8)], fill: 0)

  /// - Parameter alpha: bits that are set in every pixel, which makes it opaque.
  /// - Returns: nil when a channel has no bits or more than 16, or lies outside of the pixel, or when a pixel has another
  ///   size than 8, 16, 24 or 32 bits.
  public init?(
    bitsPerPixel: Int, red: Channel, green: Channel, blue: Channel, alpha: Channel = Channel(offset: 0, length: 0)
  ) {
    func isInside(_ channel: Channel) -> Bool {
      (0...32).contains(channel.offset) && (0...16).contains(channel.length)
        && channel.offset + channel.length <= bitsPerPixel
    }
    let colours = [red, green, blue]
    guard [8, 16, 24, 32].contains(bitsPerPixel), (colours + [alpha]).allSatisfy(isInside),
      colours.allSatisfy({ $0.length > 0 })
    else { return nil }
    self.init(bitsPerPixel: bitsPerPixel, channels: colours, fill: alpha.mask)
  }

  private init(bitsPerPixel: Int, channels: [Channel], fill: UInt32) {
    let depth = min(8, channels.map(\.length).min() ?? 8)
    let levels = 1 << depth
    self.bitsPerPixel = bitsPerPixel
    self.fill = fill
    greyLevels = levels
    pixels = (0..<256).map { level in
      channels.reduce(fill) { pixel, channel in
        let full = (1 << channel.length) - 1
        let value = (2 * min(level, levels - 1) * full + levels - 1) / (2 * (levels - 1))
        return pixel | UInt32(value) << UInt32(channel.offset)
      }
    }
    let whole = bitsPerPixel == 32 && channels.allSatisfy { $0.length == 8 }
    factor = whole ? Set(channels.map(\.offset)).reduce(0) { $0 | 1 << UInt32($1) } : nil
  }

  /// Bytes from the first to the last pixel of a row.
  public func rowBytes(width: Int) -> Int { width * bitsPerPixel / 8 }

  /// Packs a pattern, but for the rows in which it is like `old`, which is there already. From one image to the next few
  /// rows change, and writing to the memory of a display is slow.
  ///
  /// - Parameters:
  ///   - destination: where the first pixel goes; there must be room for `height` rows.
  ///   - stride: bytes from one row to the next.
  public func pack(
    _ pattern: Pattern, over old: Pattern? = nil, to destination: UnsafeMutableRawPointer, stride: Int
  ) {
    let width = pattern.width
    let isComparable = old.map { $0.width == width && $0.height == pattern.height } ?? false
    let before = isComparable ? old?.levels ?? [] : []
    pattern.levels.withUnsafeBufferPointer { levels in
      before.withUnsafeBufferPointer { before in
        pixels.withUnsafeBufferPointer { pixels in
          for y in 0..<pattern.height {
            let row = UnsafeBufferPointer(rebasing: levels[y * width..<(y + 1) * width])
            if !before.isEmpty, let old = before.baseAddress, let new = row.baseAddress,
              memcmp(new, old + y * width, width) == 0
            {
              continue
            }
            pack(row, through: pixels, to: destination + y * stride)
          }
        }
      }
    }
  }

  private func pack(
    _ levels: UnsafeBufferPointer<UInt8>, through pixels: UnsafeBufferPointer<UInt32>,
    to row: UnsafeMutableRawPointer
  ) {
    switch (bitsPerPixel, factor) {
    case (32, let factor?):
      let fill = fill
      for x in 0..<levels.count {
        row.storeBytes(of: UInt32(levels[x]) &* factor | fill, toByteOffset: 4 &* x, as: UInt32.self)
      }
    case (32, nil):
      for x in 0..<levels.count {
        row.storeBytes(of: pixels[Int(levels[x])], toByteOffset: 4 &* x, as: UInt32.self)
      }
    case (24, _):
      for x in 0..<levels.count {
        let pixel = pixels[Int(levels[x])]
        row.storeBytes(of: UInt16(truncatingIfNeeded: pixel), toByteOffset: 3 &* x, as: UInt16.self)
        row.storeBytes(of: UInt8(truncatingIfNeeded: pixel >> 16), toByteOffset: 3 &* x &+ 2, as: UInt8.self)
      }
    case (16, _):
      for x in 0..<levels.count {
        let pixel = UInt16(truncatingIfNeeded: pixels[Int(levels[x])])
        row.storeBytes(of: pixel, toByteOffset: 2 &* x, as: UInt16.self)
      }
    default:
      for x in 0..<levels.count {
        row.storeBytes(of: UInt8(truncatingIfNeeded: pixels[Int(levels[x])]), toByteOffset: x, as: UInt8.self)
      }
    }
  }
}
