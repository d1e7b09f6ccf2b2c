import BenchAPI

/// What `runs/<id>/job.json` holds, so that a job outlives its daemon.
struct JobRecord: Codable, Sendable {
  var summary: JobSummary
  var result: JSONValue?
  var events: [JobEvent]
}
