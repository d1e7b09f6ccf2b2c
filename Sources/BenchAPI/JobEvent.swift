/// One thing that happened to a job, as `GET /v1/jobs/<id>/events` streams it.
///
/// Sequence numbers start at 1 and grow; a gap means that the events in between were thinned out to bound the log.
public struct JobEvent: Codable, Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// The job entered a state; cause and message say why it failed, paused or waits.
    case state(JobState, message: String?, cause: String? = nil)
    case progress(JobProgress)
    /// Values of named curves, such as `loss`, at one step of a phase.
    case metrics(phase: String, step: Int, values: [String: Double])
    case log(String)
  }

  public var sequence: Int
  /// Seconds since the job was queued.
  public var time: Double
  public var content: Content

  public init(sequence: Int, time: Double, content: Content) {
    self.sequence = sequence
    self.time = time
    self.content = content
  }

  /// The content's type in JSON and in the `event:` field of the stream.
  public var type: String { kind.rawValue }

  private var kind: Kind {
    switch content {
    case .state: .state
    case .progress: .progress
    case .metrics: .metrics
    case .log: .log
    }
  }

  private enum Kind: String, Codable { case state, progress, metrics, log }
  private enum CodingKeys: String, CodingKey {
    case sequence, time, type, state, message, cause, progress, phase, step, values
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    sequence = try container.decode(Int.self, forKey: .sequence)
    time = try container.decode(Double.self, forKey: .time)
    switch try container.decode(Kind.self, forKey: .type) {
    case .state:
      content = .state(
        try container.decode(JobState.self, forKey: .state),
        message: try container.decodeIfPresent(String.self, forKey: .message),
        cause: try container.decodeIfPresent(String.self, forKey: .cause))
    case .progress:
      content = .progress(try container.decode(JobProgress.self, forKey: .progress))
    case .metrics:
      content = .metrics(
        phase: try container.decode(String.self, forKey: .phase), step: try container.decode(Int.self, forKey: .step),
        values: try container.decode([String: Double].self, forKey: .values))
    case .log:
      content = .log(try container.decode(String.self, forKey: .message))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sequence, forKey: .sequence)
    try container.encode(time, forKey: .time)
    try container.encode(kind, forKey: .type)
    switch content {
    case .state(let state, let message, let cause):
      try container.encode(state, forKey: .state)
      try container.encodeIfPresent(cause, forKey: .cause)
      try container.encodeIfPresent(message, forKey: .message)
    case .progress(let progress):
      try container.encode(progress, forKey: .progress)
    case .metrics(let phase, let step, let values):
      try container.encode(phase, forKey: .phase)
      try container.encode(step, forKey: .step)
      try container.encode(values, forKey: .values)
    case .log(let message):
      try container.encode(message, forKey: .message)
    }
  }
}
