import BenchAPI

/// A job as the index keeps it.
public struct IndexedJob: Sendable, Equatable {
  public var summary: JobSummary
  /// What the job answered; nil before it has succeeded.
  public var result: JSONValue?

  public init(_ summary: JobSummary, result: JSONValue? = nil) {
    self.summary = summary
    self.result = result
  }
}
