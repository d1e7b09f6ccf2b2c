import Access
import BenchAPI
import HTTPTypes
import Hummingbird
import Jobs
import Lending
import NIOCore
import ServiceCore

/// `/v1/camera/latest`, `/v1/camera/histogram`, `/v1/camera/live` and `/v1/live`: looking on without any part in it.
struct LiveRoutes {
  let status: StatusRoutes
  let queue: JobQueue
  let lease: BenchLease
  let live: LiveView
  let pictures: LivePictures
  let twin: TwinPrediction
  let counters: ServiceCounters
  let limits: ServiceLimits
  let clock: ServiceClock
  let answers: ByteBudget

  private static let jobs = 20

  func add(to group: RouterGroup<BenchRequestContext>) {
    group.get("camera/latest", use: latest)
    group.get("camera/histogram", use: histogram)
    group.get("camera/live", use: follow)
    group.get("live", use: events)
  }

  @Sendable private func latest(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let format = try Picture(query: request.uri.queryParameters["format"])
    let (seen, fullScale) = try await seen()
    var response = try Response.bytes(
      await pictures.picture(of: seen, as: format, fullScale: fullScale), name: "frame.\(format.rawValue)",
      within: answers, to: context)
    if let field = HTTPField.Name("Odu-Frame") { response.headers[field] = String(seen.number) }
    response.headers[.cacheControl] = "no-store"
    return response
  }

  @Sendable private func histogram(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let (seen, fullScale) = try await seen()
    return try Response.json(await pictures.histogram(of: seen, fullScale: fullScale))
  }

  private func seen() async throws -> (LiveView.Seen, UInt16) {
    guard let seen = live.seen else {
      throw ServiceError(.frameNone, "no frame has been seen yet; follow /v1/camera/live or start a job")
    }
    return (seen, await fullScale(of: seen))
  }

  private func fullScale(of seen: LiveView.Seen) async -> UInt16 {
    await lease.equipment?.camera.description.fullScale ?? seen.frame.pixels.max() ?? 0
  }

  private func stream(_ context: BenchRequestContext) -> FollowerStream {
    FollowerStream(channel: context.channel, counters: counters, limits: limits, clock: clock)
  }

  // MARK: Streams

  /// Frames as they come, one part of the body each.
  @Sendable private func follow(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let format = try Picture(query: request.uri.queryParameters["format"])
    guard let rate = request.number("rate", default: 5), (0.1...30).contains(rate) else {
      throw ServiceError(
        .requestInvalid, "rate: \"\(request.query("rate") ?? "")\" is not a number of frames per second in 0.1…30")
    }
    let stream = stream(context)
    return stream.response(to: request, contentType: "multipart/x-mixed-replace; boundary=frame") { writer in
      try await live.whileFollowing {
        var last = 0
        while true {
          let began = clock.uptime()
          let seen = try await next(after: last)
          last = seen.number
          let picture = try await pictures.picture(of: seen, as: format, fullScale: await fullScale(of: seen))
          // When slow readers hold all the memory there is for pictures, the others get fewer of them.
          if let share = try? answers.take(picture.readableBytes, for: context.caller) {
            try await writer.write(Self.head(of: picture, format, seen.number))
            try await writer.write(picture)
            try await writer.write("\r\n")
            withExtendedLifetime(share) {}
          }
          try await clock.sleep(max(0, 1 / rate - (clock.uptime() - began)))
        }
      }
    }
  }

  private static func head(of picture: ByteBuffer, _ format: Picture, _ number: Int) -> String {
    """
    --frame\r\nContent-Type: \(format.contentType)\r\nContent-Length: \(picture.readableBytes)\r\n\
    Odu-Frame: \(number)\r\n\r\n
    """
  }

  private func next(after number: Int) async throws -> LiveView.Seen {
    while true {
      let changes = live.changes.count
      if let seen = live.seen, seen.number > number { return seen }
      try await live.changes.wait(after: changes)
    }
  }

  /// Everything that a page shows, once a second.
  @Sendable private func events(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    stream(context).response(to: request, contentType: "text/event-stream") { writer in
      try await live.whileFollowing {
        while true {
          try await writer.write(event: "status", try await present())
          try await clock.sleep(1)
        }
      }
    }
  }

  private func present() async throws -> LiveStatus {
    var frame: FrameHistogram?
    if let seen = live.seen {
      frame = await pictures.histogram(of: seen, fullScale: await fullScale(of: seen))
    }
    let comparison = await twin.comparison
    let match = live.answer.map { answer in
      LiveStatus.Match(
        number: answer.number, discrepancy: comparison?.number == answer.number ? comparison?.discrepancy : nil)
    }
    return LiveStatus(
      status: await status.status(), devices: await status.devices(),
      jobs: await queue.summaries.suffix(Self.jobs).map(\.listed), frame: frame, match: match)
  }
}
