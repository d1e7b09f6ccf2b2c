import BenchClient
import Foundation
import ServiceCore
import Testing

/// What large answers take of the daemon's memory.
@Suite struct AnswerTests {
  private static let request =
    "GET /v1/modulators/layers/pattern?format=npy HTTP/1.1\r\nHost: odu\r\nConnection: close\r\n\r\n"

  @Test(
    "an answer counts until its client has taken it: others are refused meanwhile, and not after",
    .timeLimit(.minutes(15)))
  func reader() async throws {
    var limits = ServiceLimits()
    limits.answerBytes = 5 << 20
    try await withFolder { [limits] folder in
      let bench = FakeBench(width: 2048, height: 2048)
      try await LiveDaemon.run(in: folder, bench: bench, limits: limits) { daemon async throws in
        let slow = RawClient(daemon.socket, Self.request)
        var received = await slow.read(1)
        for _ in 0..<50 {
          let refused = await answer(to: Self.request, daemon.socket)
          #expect(refused.hasPrefix("HTTP/1.1 503 ") && refused.contains("\"full\""), "\(refused.prefix(100))")
        }
        while case let part = await slow.read(1 << 20), !part.isEmpty { received += part }
        #expect(received.starts(with: Array("HTTP/1.1 200 ".utf8)) && received.count > 4 << 20)
        // The daemon may hear a moment later than the client that all is there.
        while await !answer(to: Self.request, daemon.socket).hasPrefix("HTTP/1.1 200 ") { try Task.checkCancellation() }
      }
    }
  }
}
