import AsyncHTTPClient
import BenchAPI

/// A job's events as they happen. They are read from the daemon one by one as the consumer asks for them.
public struct JobEvents: AsyncSequence, Sendable {
  public typealias Element = JobEvent

  let open: @Sendable () async throws -> HTTPClientResponse

  public func makeAsyncIterator() -> Iterator { Iterator(events: ServerEvents(open: open).makeAsyncIterator()) }

  public struct Iterator: AsyncIteratorProtocol {
    fileprivate var events: ServerEvents.Iterator

    /// The next event; nil when the job has ended.
    public mutating func next() async throws -> JobEvent? {
      try await events.next().map { try APICoding.decode(JobEvent.self, from: $0.data) }
    }
  }
}
