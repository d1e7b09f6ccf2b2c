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
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw FilesError.unreadable(file: source, reason: "zlib cannot start")
    }
    defer { inflateEnd(&stream) }
    var input = bytes
    return try input.withUnsafeMutableBufferPointer { buffer in
      try inflate(buffer, with: &stream, source: source, limit: limit)
    }
  }

  private static func inflate(
    _ input: UnsafeMutableBufferPointer<UInt8>, with stream: inout z_stream, source: String, limit: Int
  ) throws -> [UInt8] {
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var consumed = 0
    while true {
      let offered = min(input.count - consumed, 1 << 30)
      stream.next_in = input.baseAddress.map { $0 + consumed }
      stream.avail_in = UInt32(offered)
      let status = chunk.withUnsafeMutableBufferPointer { buffer in
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(buffer.count)
        return CZLib.inflate(&stream, Z_NO_FLUSH)
      }
      consumed += offered - Int(stream.avail_in)
      output += chunk[..<(chunk.count - Int(stream.avail_out))]
      guard output.count <= limit else {
        throw FilesError.malformed(file: source, place: "gzip data", expected: "at most \(limit) bytes of content")
      }
      if status == Z_STREAM_END {
        if consumed == input.count { return output }
        inflateReset(&stream)
      } else if status != Z_OK || (consumed == input.count && stream.avail_out > 0) {
        let found = status == Z_OK || status == Z_BUF_ERROR ? "the end of the file" : "damaged data"
        throw FilesError.malformed(
          file: source, place: "byte \(consumed) of the gzip data", expected: "more compressed data, found \(found)")
      }
    }
  }
}
