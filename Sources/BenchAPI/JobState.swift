/// Where a job is in its life. It moves from `queued` to `running` to one of the last three. In between it is `paused` while
/// it waits for a device to come back, after which it resumes by itself, or because a client paused it. When the daemon ends
/// it is `queued` again, and resumes with the next daemon.
public enum JobState: String, Codable, Sendable, CaseIterable {
  case queued, running, paused, succeeded, failed, cancelled

  /// Whether nothing more will happen to the job.
  public var isTerminal: Bool {
    switch self {
    case .queued, .running, .paused: false
    case .succeeded, .failed, .cancelled: true
    }
  }
}
