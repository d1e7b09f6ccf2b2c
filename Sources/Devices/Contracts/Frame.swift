/// One frame as the sensor delivered it.
public struct Frame: Sendable, Equatable {
  /// What the driver knows to be wrong with a frame.
  public struct Flags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The device reported an error during this frame; its content cannot be trusted.
    public static let error = Flags(rawValue: 1)
    /// Part of the content is missing.
    public static let incomplete = Flags(rawValue: 2)
  }

  public var width: Int
  public var height: Int
  /// The sensor's own numbers, row-major.
  public var pixels: [UInt16]
  /// Counts the frames that the sensor took since the start, also those that were not delivered.
  public var sequence: UInt64
  /// Nanoseconds on the clock of the bench.
  public var exposureStart: UInt64
  public var exposureEnd: UInt64
  public var flags: Flags

  public init(
    width: Int, height: Int, pixels: [UInt16], sequence: UInt64, exposureStart: UInt64, exposureEnd: UInt64,
    flags: Flags = []
  ) {
    self.width = width
    self.height = height
    self.pixels = pixels
    self.sequence = sequence
    self.exposureStart = exposureStart
    self.exposureEnd = exposureEnd
    self.flags = flags
  }

  /// A 64-bit digest of the content, to recognise a frame that is delivered again.
  public var digest: UInt64 {
    pixels.withUnsafeBytes { bytes in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
      let words = bytes.count / 8
      for word in 0..<words {
        hash = (hash ^ bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
      }
      for byte in bytes[(words * 8)...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      return hash
    }
  }
}
