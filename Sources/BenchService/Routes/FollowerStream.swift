import BenchAPI
import Concurrency
import Hummingbird
import Jobs
import NIOCore
import ServiceCore
import ServiceLifecycle

/// A response without a known end, for a reader that may be slow.
///
/// Nothing is queued for a reader: it gets what there is when it is ready for more. A reader that takes nothing for too long
/// is dropped, and counted.
struct FollowerStream {
  /// Writes the stream to one reader.
  struct Writer {
    fileprivate var body: any ResponseBodyWriter
    fileprivate let channel: any Channel
    fileprivate let pending: Pending
    fileprivate let clock: ServiceClock

    mutating func write(_ bytes: ByteBuffer) async throws {
      pending.since.withLock { $0 = clock.uptime() }
      try await body.write(bytes, as: channel)
      pending.since.withLock { $0 = nil }
    }

    mutating func write(_ text: String) async throws { try await write(ByteBuffer(string: text)) }

    /// Writes a server-sent event.
    mutating func write(event: String, id: Int? = nil, _ value: some Encodable) async throws {
      let data = String(decoding: try APICoding.encode(value), as: UTF8.self)
      try await write("\(id.map { "id: \($0)\n" } ?? "")event: \(event)\ndata: \(data)\n\n")
    }
  }

  /// Since when a write has been waiting for its reader.
  fileprivate final class Pending: Sendable { let since = Locked<Double?>(nil) }

  let channel: any Channel
  let counters: ServiceCounters
  let limits: ServiceLimits
  let clock: ServiceClock

  /// A response whose body is written by `body` until that returns or the reader is gone.
  func response(
    to request: Request, contentType: String, _ body: @escaping @Sendable (inout Writer) async throws -> Void
  ) -> Response {
    Response(
      status: .ok, headers: [.contentType: contentType, .cacheControl: "no-store", .connection: "close"],
      body: ResponseBody { responseWriter in
        let pending = Pending()
        var writer = Writer(body: responseWriter, channel: channel, pending: pending, clock: clock)
        try await request.body.consumeWithCancellationOnInboundClose { _ in
          try await whileWatching(pending) { try await body(&writer) }
        }
        try await writer.body.finish(nil)
      })
  }

  private func whileWatching(_ pending: Pending, _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await watch(pending) }
      tasks.addTask {
        try await gracefulShutdown()
        // What ends by itself should be left to end.
        try await clock.sleep(0.5)
        channel.close(promise: nil)
      }
      defer { tasks.cancelAll() }
      try await body()
    }
  }

  /// Closes the connection when a write has waited for too long.
  private func watch(_ pending: Pending) async throws {
    while true {
      try await clock.sleep(limits.readerPatience / 4)
      let waited = pending.since.withLock { since in since.map { clock.uptime() - $0 } ?? 0 }
      guard waited > limits.readerPatience else { continue }
      counters.countSlowReader()
      channel.close(promise: nil)
      return
    }
  }
}

extension FollowerStream {
  /// A job's events as server-sent events: `id:` is the sequence number, `event:` the type, `data:` a ``JobEvent``. Starts
  /// after the given sequence number and ends with the job.
  func response(to request: Request, of job: Job, after start: Int) -> Response {
    response(to: request, contentType: "text/event-stream") { writer in
      var sequence = start
      while let events = try await next(of: job, after: sequence) {
        if events.isEmpty { try await writer.write(": the job continues\n\n") }
        for event in events {
          try await writer.write(event: event.type, id: event.sequence, event)
          sequence = event.sequence
        }
      }
    }
  }

  /// The next events of a job; none when there were none for a while, nil at the end.
  private func next(of job: Job, after sequence: Int) async throws -> [JobEvent]? {
    try await orNothing([]) { try await job.events(after: sequence) }
  }

  /// What `body` returns, or `nothing` when that takes longer than the time between two signs of life.
  func orNothing<Value: Sendable>(
    _ nothing: Value, within seconds: Double = 15, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { tasks in
      tasks.addTask { try await body() }
      tasks.addTask {
        try await clock.sleep(seconds)
        return nothing
      }
      defer { tasks.cancelAll() }
      return try await tasks.next() ?? nothing
    }
  }
}
