import Foundation

/// A job as `GET /v1/jobs` lists it.
public struct JobSummary: Codable, Sendable, Equatable {
  /// The job's name in every route, also the name of its run directory.
  public var id: String
  public var kind: String
  public var parameters: JSONValue
  public var state: JobState
  /// Why the job failed, or what it waits for while it is paused; nil otherwise.
  public var message: String?
  /// The same as a stable word for programs; see ``Cause``.
  public var cause: String?
  public var created: Date
  public var started: Date?
  public var ended: Date?
  /// The latest progress that the job reported.
  public var progress: JobProgress?
  /// Names of the files that `GET /v1/jobs/<id>/artefacts/<name>` serves.
  public var artefacts: [String]

  public init(id: String, kind: String, parameters: JSONValue, created: Date) {
    self.id = id
    self.kind = kind
    self.parameters = parameters
    self.created = created
    self.state = .queued
    self.artefacts = []
  }
}

/// The body of `GET /v1/jobs`, oldest first.
public struct JobList: Codable, Sendable, Equatable {
  public var jobs: [JobSummary]

  public init(jobs: [JobSummary]) { self.jobs = jobs }
}
