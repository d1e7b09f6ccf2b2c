import BenchAPI
import Hummingbird
import NIOCore

/// A job's events as server-sent events: `id:` is the sequence number, `event:` the type, `data:` a ``JobEvent``.
///
/// The stream starts after the given sequence number and ends with the job. Nothing is queued for a reader: whoever is
/// slow gets, when ready for more, what the job's bounded log then holds.
struct EventStream {
  let job: Job
  let start: Int

  func response(to request: Request) -> Response {
    Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .connection: "close"],
      body: ResponseBody { [job, start] writer in
        try await request.body.consumeWithCancellationOnInboundClose { _ in
          var sequence = start
          while let events = try await job.events(after: sequence) {
            for event in events {
              try await writer.write(try Self.text(event))
              sequence = event.sequence
            }
          }
        }
        try await writer.finish(nil)
      })
  }

  private static func text(_ event: JobEvent) throws -> ByteBuffer {
    let data = String(decoding: try APICoding.encode(event), as: UTF8.self)
    return ByteBuffer(string: "id: \(event.sequence)\nevent: \(event.type)\ndata: \(data)\n\n")
  }
}
