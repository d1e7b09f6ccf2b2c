import Access
import BenchAPI
import Files
import Hummingbird
import Jobs
import ServiceCore

/// `/v1/jobs`, and the routes of the kinds of job that have one
struct JobRoutes {
  let queue: JobQueue
  let limits: ServiceLimits
  let budgets: Budgets
  let counters: ServiceCounters
  let clock: ServiceClock

  func add(to version: RouterGroup<BenchRequestContext>) {
    for kind in queue.catalogue.kindsWithRoute {
      version.post(RouterPath(kind)) { request, context in
        let parameters = try await request.json(
          JSONValue.self, limit: limits.jsonBytes, within: budgets.requests, context)
        return try Response.json(await queue.submit(JobRequest(kind: kind, parameters: parameters)), status: .accepted)
      }
    }
    let group = version.group("jobs")
    group.get { _, _ in try Response.json(JobList(jobs: await queue.summaries.map(\.listed))) }
    group.post { request, context in
      let wanted = try await request.json(
        JobRequest.self, limit: limits.jsonBytes, within: budgets.requests, context)
      return try Response.json(await queue.submit(wanted), status: .accepted)
    }
    group.get(":id") { _, context in
      try Response.json(await queue.summary(context.parameters.require("id")))
    }
    group.post(":id/cancel") { _, context in
      try Response.json(await queue.cancel(context.parameters.require("id")))
    }
    group.post(":id/pause") { _, context in
      try Response.json(await queue.pause(context.parameters.require("id")))
    }
    group.post(":id/resume") { _, context in
      try Response.json(await queue.resume(context.parameters.require("id")))
    }
    group.get(":id/events", use: events)
    group.get(":id/result", use: result)
    group.get(":id/artefacts/:name", use: artefact)
  }

  private func job(_ context: BenchRequestContext) async throws -> Job {
    try await queue.job(context.parameters.require("id"))
  }

  @Sendable private func events(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let resumed = request.headers.first { $0.name.canonicalName == "last-event-id" }?.value
    let given = resumed ?? request.uri.queryParameters["after"].map(String.init)
    guard let start = Int(given ?? "0"), start >= 0 else {
      throw ServiceError(.requestInvalid, "after: \"\(given ?? "")\" is not a sequence number")
    }
    let stream = FollowerStream(channel: context.channel, counters: counters, limits: limits, clock: clock)
    return stream.response(to: request, of: try await job(context), after: start)
  }

  @Sendable private func result(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let job = try await job(context)
    guard let result = job.result else {
      let summary = job.summary
      throw ServiceError(
        .jobNoResult, "job \(job.id) has no result: it is \(summary.state)\(summary.message.map { ": \($0)" } ?? "")")
    }
    return try Response.json(result)
  }

  @Sendable private func artefact(_ request: Request, _ context: BenchRequestContext) async throws -> Response {
    let job = try await job(context)
    let name = try context.parameters.require("name")
    let artefacts = job.summary.artefacts
    guard artefacts.contains(name) else {
      throw ServiceError(
        .artefactUnknown,
        "job \(job.id) has no artefact \(name); it has \(artefacts.isEmpty ? "none" : artefacts.joined(separator: ", "))"
      )
    }
    let path = job.directory.appendingPathComponent(name).path
    if name == queue.catalogue.modelFile(of: job.summary.kind) { try StateFile.check(path) }
    return FileDownload.response(try RegularFile(path), name: name, to: request, context)
  }
}
