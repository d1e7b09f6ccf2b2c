import BenchAPI

/// A job as the index keeps it.
public struct IndexedJob: Sendable, Equatable {
  public var summary: JobSummary
  /// What the job answered; nil before it has succeeded.
  public var result: JSONValue?
  /// What tells the job's record from another, so that it need not be read again; nil when the record must be.
  public var stamp: String?

  public init(_ summary: JobSummary, result: JSONValue? = nil, stamp: String? = nil) {
    self.summary = summary
    self.result = result
    self.stamp = stamp
  }
}
