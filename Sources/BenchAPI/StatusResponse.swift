/// The body of `GET /v1/status`: the state of the service, apart from that of the equipment (``DeviceList``).
public struct StatusResponse: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable, CaseIterable { case opening, ready, degraded, stopping }

  public var version: String
  /// `opening` until it is known whether the bench is there, `degraded` while it is not; everything else works.
  public var state: State
  /// Why the bench is not there; nil when it is.
  public var message: String?
  /// The same as a stable word for programs; see ``Cause``.
  public var cause: String?
  public var processIdentifier: Int32
  /// Seconds since the daemon started.
  public var uptime: Double
  /// The bench file.
  public var bench: String
  public var stateDirectory: String
  public var simulated: Bool
  /// The job that runs now.
  public var running: JobSummary?
  /// Jobs that wait.
  public var queued: Int
  /// Who holds the bench: a job or a request; nil when it is free.
  public var benchHolder: String?
  /// What became of the camera's frames since the daemon started: `accepted`, and a count for each reason why a frame was
  /// credited to no pattern.
  public var frames: [String: Int]

  public init(
    version: String, state: State = .ready, message: String? = nil, cause: String? = nil, processIdentifier: Int32,
    uptime: Double, bench: String, stateDirectory: String, simulated: Bool, running: JobSummary?, queued: Int,
    benchHolder: String?,
    frames: [String: Int] = [:]
  ) {
    self.version = version
    self.state = state
    self.message = message
    self.cause = cause
    self.processIdentifier = processIdentifier
    self.uptime = uptime
    self.bench = bench
    self.stateDirectory = stateDirectory
    self.simulated = simulated
    self.running = running
    self.queued = queued
    self.benchHolder = benchHolder
    self.frames = frames
  }
}
