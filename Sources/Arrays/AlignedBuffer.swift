/// Zeroed memory on a cache-line boundary that lives as long as its owner.
///
/// The buffer itself does not synchronise: whoever holds it decides who writes.
public final class AlignedBuffer<Scalar: BitwiseCopyable>: @unchecked Sendable {
  /// The number of values.
  public let count: Int
  /// The first of them.
  public let pointer: UnsafeMutablePointer<Scalar>

  @inlinable public init(count: Int) {
    let bytes = max(64, (count * MemoryLayout<Scalar>.stride + 63) / 64 * 64)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    self.count = count
    pointer = raw.assumingMemoryBound(to: Scalar.self)
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
