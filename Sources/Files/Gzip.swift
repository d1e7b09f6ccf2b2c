import CZLib

/// Gzip-compressed content (RFC 1952), read with zlib.
public enum Gzip {
  /// Whether the bytes start like a gzip file.
  public static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// The content of a gzip file of one or more members.
  ///
  /// - Parameters:
  ///   - source: names the bytes in messages.
  ///   - limit: the most bytes the content may have, so that a small file cannot fill the memory.
  /// - Throws: ``FilesError/malformed(file:place:expected:)`` for damaged, truncated or too large content.
  public static func inflate(_ bytes: [UInt8], source: String, limit: Int = 1 << 30) throws -> [UInt8] {
    var stream = z_stream()
    // zlib keeps the address of the stream from one call to the next.
    return try withUnsafeMutablePointer(to: &stream) { stream in
      guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        throw FilesError.unreadable(file: source, reason: "zlib cannot start")
      }
      defer { inflateEnd(stream) }
      return try bytes.withUnsafeBufferPointer { try inflate($0, with: stream, source: source, limit: limit) }
    }
  }

  private static func inflate(
    _ input: UnsafeBufferPointer<UInt8>, with stream: UnsafeMutablePointer<z_stream>, source: String, limit: Int
  ) throws -> [UInt8] {
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var consumed = 0
    while true {
      let offered = min(input.count - consumed, 1 << 30)
      // zlib only reads the input.
      stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + consumed })
      stream.pointee.avail_in = UInt32(offered)
      let status = chunk.withUnsafeMutableBufferPointer { buffer in
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(buffer.count)
        return CZLib.inflate(stream, Z_NO_FLUSH)
      }
      consumed += offered - Int(stream.pointee.avail_in)
      let isFull = stream.pointee.avail_out == 0
      output += chunk[..<(chunk.count - Int(stream.pointee.avail_out))]
      guard output.count <= limit else {
        throw FilesError.malformed(file: source, place: "gzip data", expected: "at most \(limit) bytes of content")
      }
      if status == Z_STREAM_END {
        if consumed == input.count { return output }
        inflateReset(stream)
      } else if status != Z_OK || (consumed == input.count && !isFull) {
        let found = status == Z_OK || status == Z_BUF_ERROR ? "the end of the file" : "damaged data"
        throw FilesError.malformed(
          file: source, place: "byte \(consumed) of the gzip data", expected: "more compressed data, found \(found)")
      }
    }
  }
}
