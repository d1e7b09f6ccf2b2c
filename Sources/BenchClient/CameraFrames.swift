import AsyncHTTPClient

/// A camera frame as the daemon sends it to followers.
public struct CameraFrame: Sendable, Equatable {
  /// Counts the frames that the daemon has seen.
  public var number: Int
  /// The bytes of the file.
  public var bytes: [UInt8]
}

/// Camera frames as they come: the parts of `multipart/x-mixed-replace`.
public struct CameraFrames: AsyncSequence, Sendable {
  public typealias Element = CameraFrame

  let open: @Sendable () async throws -> HTTPClientResponse

  public func makeAsyncIterator() -> Iterator { Iterator(reader: StreamReader(open: open)) }

  public struct Iterator: AsyncIteratorProtocol {
    fileprivate var reader: StreamReader

    private static let partLimit = 1 << 30

    /// The next frame; nil when the daemon has ended the stream.
    public mutating func next() async throws -> CameraFrame? {
      var length: Int?
      var number: Int?
      while let line = try await reader.line() {
        let words = line.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
        switch (words.first?.lowercased(), words.last) {
        case ("content-length", let value?): length = Int(value)
        case ("odu-frame", let value?): number = Int(value)
        case (nil, _):
          // The end of a head, or the line between two parts.
          guard let length else { continue }
          guard (0...Self.partLimit).contains(length) else {
            throw BenchClientError.broken(reason: "a frame of \(length) bytes")
          }
          return try await reader.bytes(length).map { CameraFrame(number: number ?? 0, bytes: $0) }
        default: continue
        }
      }
      return nil
    }
  }
}
