import Access
import Hummingbird
import Lending
import ServiceCore

/// `/v1/lease`: the bench for one client that does several things with it.
///
/// The lease lives as long as the connection on which it was asked for, so that the death of its owner frees the bench, and
/// no longer than was asked for. At its end the safe patterns are shown.
struct LeaseRoutes {
  /// What a client gets.
  private struct Grant: Encodable {
    var token: String
    /// Seconds from now.
    var seconds: Double
  }

  let lease: BenchLease
  let counters: ServiceCounters
  let limits: ServiceLimits
  let clock: ServiceClock

  func add(to group: RouterGroup<BenchRequestContext>) { group.post("lease", use: hold) }

  @Sendable private func hold(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    guard let seconds = request.number("seconds", default: 60), seconds > 0, seconds <= limits.longestLease else {
      throw ServiceError(
        .requestInvalid, "seconds: \"\(request.query("seconds") ?? "")\" is not in 0…\(Int(limits.longestLease))")
    }
    let token = Self.token()
    let owner = "a lease of \(context.caller.name)"
    let stream = FollowerStream(channel: context.channel, counters: counters, limits: limits, clock: clock)
    return stream.response(to: request, contentType: "text/event-stream") { writer in
      var writer = writer
      try await wait(for: owner, token: token, &writer, seconds)
    }
  }

  private func wait(
    for owner: String, token: String, _ writer: inout FollowerStream.Writer, _ seconds: Double
  ) async throws {
    let (granted, grant) = AsyncStream.makeStream(of: Void.self)
    let (ended, end) = AsyncStream.makeStream(of: Never.self)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        try await lease.useWhenFree(for: owner, token: token, expire: { end.finish() }) { bench in
          grant.finish()
          for await _ in ended {}
          await lease.retire()
          try? await Task { try await bench.unit.stop() }.value
        }
      }
      defer {
        end.finish()
        tasks.cancelAll()
      }
      for await _ in granted {}
      try Task.checkCancellation()
      try await writer.write(event: "lease", Grant(token: token, seconds: seconds))
      let deadline = clock.uptime() + seconds
      while clock.uptime() < deadline {
        try await clock.sleep(min(5, max(0.01, deadline - clock.uptime())))
        try await writer.write(": the bench is yours\n\n")
      }
    }
  }

  private static func token() -> String {
    (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 36) }.joined()
  }
}
