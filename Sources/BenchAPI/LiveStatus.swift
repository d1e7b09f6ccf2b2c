/// Everything that a page shows: the data of an event of `GET /v1/live`.
public struct LiveStatus: Codable, Sendable, Equatable {
  /// The last image that was measured.
  public struct Match: Codable, Sendable, Equatable {
    public var number: Int
    /// 1 − Pearson between the bench's answer and the twin's; nil while nobody has asked for the twin's.
    public var discrepancy: Double?

    public init(number: Int, discrepancy: Double?) {
      self.number = number
      self.discrepancy = discrepancy
    }
  }

  public var status: StatusResponse
  public var devices: [DeviceStatus]
  /// The latest jobs, oldest first.
  public var jobs: [JobSummary]
  /// The newest camera frame; nil before the first.
  public var frame: FrameHistogram?
  public var match: Match?

  public init(
    status: StatusResponse, devices: [DeviceStatus], jobs: [JobSummary], frame: FrameHistogram?, match: Match?
  ) {
    self.status = status
    self.devices = devices
    self.jobs = jobs
    self.frame = frame
    self.match = match
  }
}
