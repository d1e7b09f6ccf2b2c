import AsyncHTTPClient
import BenchAPI
import Foundation
import NIOCore

/// A job's events as they happen. They are read from the daemon one by one as the consumer asks for them, so that nothing
/// piles up on either side.
public struct JobEvents: AsyncSequence, Sendable {
  public typealias Element = JobEvent

  let open: @Sendable () async throws -> HTTPClientResponse

  public func makeAsyncIterator() -> Iterator { Iterator(open: open) }

  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let open: @Sendable () async throws -> HTTPClientResponse
    private var body: HTTPClientResponse.Body.AsyncIterator?
    private var rest = ByteBuffer()

    fileprivate init(open: @escaping @Sendable () async throws -> HTTPClientResponse) { self.open = open }

    /// The next event; nil when the job has ended.
    public mutating func next() async throws -> JobEvent? {
      if body == nil { body = try await open().body.makeAsyncIterator() }
      while true {
        while let line = try line() {
          if line.hasPrefix("data: ") { return try APICoding.decode(JobEvent.self, from: Data(line.utf8.dropFirst(6))) }
        }
        guard var part = try await part() else { return nil }
        rest.discardReadBytes()
        rest.writeBuffer(&part)
      }
    }

    private mutating func part() async throws -> ByteBuffer? {
      do {
        return try await body?.next()
      } catch let error as CancellationError {
        throw error
      } catch {
        try Task.checkCancellation()
        throw BenchClientError.broken(reason: "it broke off before the job had ended; has the daemon ended?")
      }
    }

    /// The next whole line without its end.
    private mutating func line() throws -> String? {
      let bytes = rest.readableBytesView
      guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
        guard bytes.count <= Self.lineLimit else {
          throw BenchClientError.broken(reason: "an event is longer than \(Self.lineLimit) bytes")
        }
        return nil
      }
      defer { rest.moveReaderIndex(forwardBy: 1) }
      return rest.readString(length: end - bytes.startIndex)
    }

    private static let lineLimit = 1 << 20
  }
}
