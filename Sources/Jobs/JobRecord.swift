import BenchAPI
import ServiceCore

/// What `runs/<id>/job.json` holds, so that a job outlives its daemon.
struct JobRecord: Codable, Sendable {
  var summary: JobSummary
  var result: JSONValue?
  var events: [JobEvent]
  /// Whether a client paused the job, so that it waits to be resumed.
  var isHeld: Bool?
  /// How often in a row a daemon ended under the job before it made progress.
  var setbacks: Setbacks?
  /// What a client asked of the job while it ran, and it has not done yet.
  var wish: JobWish?
  /// How many daemons in a row began to read the job's files and ended over it; nil when the last one came to an end.
  var preparations: Int?
}

/// What a client asks of a job that runs. It is kept before it is acknowledged, and so holds also when the daemon ends before
/// the job has stopped.
enum JobWish: String, Codable, Sendable {
  case cancel
  case hold
}

/// How a job ends.
struct JobEnd: Sendable, Equatable {
  var state: JobState
  /// Why, when it failed or was cancelled by the daemon.
  var reason: ServiceError?
  var result: JSONValue?
}

extension JobEnd {
  /// How a job ended by its record.
  init(_ record: JobRecord) {
    let summary = record.summary
    let cause = summary.cause.flatMap(Cause.init) ?? .jobFailed
    self.init(
      state: summary.state, reason: summary.message.map { ServiceError(cause, $0) }, result: record.result)
  }
}

/// A job's record without its events, of which there may be thousands.
public struct JobHead: Codable, Sendable {
  public var summary: JobSummary
  public var result: JSONValue?
}

/// Daemons that ended under a job.
struct Setbacks: Codable, Sendable, Equatable {
  var count = 0
  /// What the job's checkpoint was at the last one; another checkpoint means that it made progress.
  var checkpoint: String?

  /// Counts one more.
  mutating func add(checkpoint now: String?) {
    count = checkpoint == now && (0..<Int.max).contains(count) ? count + 1 : 1
    checkpoint = now
  }
}
