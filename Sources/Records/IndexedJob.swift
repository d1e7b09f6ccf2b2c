/// A job as the index keeps it. It does not look into what jobs say of themselves.
public struct IndexedJob: Sendable, Equatable {
  public var id: String
  /// Whether nothing of it will change any more.
  public var hasEnded: Bool
  /// The job as lists show it, as JSON.
  public var summary: String
  /// What the job answered, as JSON; nil before it has succeeded.
  public var result: String?
  /// What tells the job's record from another, so that it need not be read again; nil when the record must be.
  public var stamp: String?

  public init(id: String, hasEnded: Bool, summary: String, result: String? = nil, stamp: String? = nil) {
    self.id = id
    self.hasEnded = hasEnded
    self.summary = summary
    self.result = result
    self.stamp = stamp
  }
}
