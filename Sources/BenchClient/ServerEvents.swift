import AsyncHTTPClient
import Foundation

/// Server-sent events as they come.
struct ServerEvents: AsyncSequence, Sendable {
  struct Element: Sendable {
    var name: String
    var data: Data
  }

  let open: @Sendable () async throws -> HTTPClientResponse

  func makeAsyncIterator() -> Iterator { Iterator(reader: StreamReader(open: open)) }

  struct Iterator: AsyncIteratorProtocol {
    var reader: StreamReader

    /// The next event that has data; nil when the stream has ended.
    mutating func next() async throws -> Element? {
      var name = "message"
      while let line = try await reader.line() {
        if line.isEmpty {
          name = "message"
        } else if line.hasPrefix("event: ") {
          name = String(line.dropFirst(7))
        } else if line.hasPrefix("data: ") {
          return Element(name: name, data: Data(line.utf8.dropFirst(6)))
        }
      }
      return nil
    }
  }
}
