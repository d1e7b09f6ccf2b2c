import BenchAPI
import Foundation

/// The bench for one client that does several things with it: nobody else uses it until ``release()``, the end of the time
/// asked for, or the end of this process.
public final class HeldBench: Sendable {
  /// What requests that use the bench have to show; see ``BenchClient/leaseToken``.
  public let token: String
  private let holding: Task<Void, Never>

  fileprivate init(token: String, holding: Task<Void, Never>) {
    self.token = token
    self.holding = holding
  }

  deinit { holding.cancel() }

  /// Gives the bench back.
  public func release() { holding.cancel() }

  /// Returns when the bench is no longer held, whoever ended that.
  public func end() async { await holding.value }
}

extension BenchClient {
  /// Waits until the bench is free and holds it.
  public func lease(seconds: Double) async throws -> HeldBench {
    struct Grant: Decodable { var token: String }
    let (tokens, continuation) = AsyncThrowingStream.makeStream(of: String.self)
    let events = ServerEvents { try await open(.post, "lease?seconds=\(seconds)", timeout: Self.endless) }
    // The connection is the lease, so somebody has to read from it as long as the bench is held.
    let holding = Task {
      do {
        for try await event in events where event.name == "lease" {
          continuation.yield(try APICoding.decode(Grant.self, from: event.data).token)
        }
        continuation.finish()
      } catch {
        continuation.finish(throwing: error)
      }
    }
    return try await withTaskCancellationHandler {
      for try await token in tokens { return HeldBench(token: token, holding: holding) }
      try Task.checkCancellation()
      throw BenchClientError.disconnected(reason: "the lease ended before it began; has the daemon ended?")
    } onCancel: {
      holding.cancel()
    }
  }
}
