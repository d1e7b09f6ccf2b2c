import AsyncHTTPClient
import NIOCore

/// Reads the body of a response without a known end, piece by piece as the consumer asks for it, so that nothing piles up
/// on either side.
struct StreamReader {
  private let open: @Sendable () async throws -> HTTPClientResponse
  private var body: HTTPClientResponse.Body.AsyncIterator?
  private var rest = ByteBuffer()

  private static let lineLimit = 1 << 20

  /// - Parameter open: sends the request; called when the first piece is asked for.
  init(open: @escaping @Sendable () async throws -> HTTPClientResponse) { self.open = open }

  /// The next whole line without its end; nil when there is none.
  mutating func line() async throws -> String? {
    while true {
      let bytes = rest.readableBytesView
      if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
        let line = rest.readString(length: end - bytes.startIndex) ?? ""
        rest.moveReaderIndex(forwardBy: 1)
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
      }
      guard bytes.count <= Self.lineLimit else {
        throw BenchClientError.broken(reason: "a line is longer than \(Self.lineLimit) bytes")
      }
      guard try await more() else { return nil }
    }
  }

  /// So many bytes; nil when there are fewer.
  mutating func bytes(_ count: Int) async throws -> [UInt8]? {
    while rest.readableBytes < count {
      guard try await more() else { return nil }
    }
    return rest.readBytes(length: count)
  }

  private mutating func more() async throws -> Bool {
    if body == nil { body = try await open().body.makeAsyncIterator() }
    do {
      guard var part = try await body?.next() else { return false }
      rest.discardReadBytes()
      rest.writeBuffer(&part)
      return true
    } catch let error as CancellationError {
      throw error
    } catch {
      try Task.checkCancellation()
      throw BenchClientError.disconnected(reason: "an answer ended before its end; has the daemon ended?")
    }
  }
}
