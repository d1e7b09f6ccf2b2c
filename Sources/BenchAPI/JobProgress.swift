/// How far a job is in one of its phases.
public struct JobProgress: Codable, Sendable, Equatable {
  /// What is being done, such as `acquire` or `train`.
  public var phase: String
  /// Steps done and steps in all, in the phase's own unit.
  public var completed: Int
  public var total: Int
  /// Steps per second since the phase began; nil before the first step, and where steps
  /// take unequally long.
  public var rate: Double?
  /// Seconds left in this phase at that rate; nil where the rate is.
  public var timeLeft: Double?

  public init(phase: String, completed: Int, total: Int, rate: Double? = nil, timeLeft: Double? = nil) {
    self.phase = phase
    self.completed = completed
    self.total = total
    self.rate = rate
    self.timeLeft = timeLeft
  }
}
