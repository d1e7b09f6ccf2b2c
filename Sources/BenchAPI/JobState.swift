/// Where a job is in its life. It moves from `queued` to `running` to one of the last three and never back.
public enum JobState: String, Codable, Sendable, CaseIterable {
  case queued, running, succeeded, failed, cancelled

  /// Whether nothing more will happen to the job.
  public var isTerminal: Bool {
    switch self {
    case .queued, .running: false
    case .succeeded, .failed, .cancelled: true
    }
  }
}
