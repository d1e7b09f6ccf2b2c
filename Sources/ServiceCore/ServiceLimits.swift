/// The bounds of everything that clients can make grow.
public struct ServiceLimits: Sendable, Equatable {
  /// Jobs that may wait.
  public var queuedJobs = 32
  /// Jobs that are remembered and listed.
  public var listedJobs = 256
  /// Jobs that have ended and are in memory with all their events; those of the others are read when asked for.
  public var wholeJobs = 32
  /// Events that are kept of one job.
  public var events = 8192
  /// Jobs that may be paused by request at a time.
  public var heldJobs = 32
  /// Bytes of a JSON body.
  public var jsonBytes = 1 << 20
  /// Bytes of an uploaded array.
  public var arrayBytes = 256 << 20
  /// Bytes of a pattern, packed and unpacked.
  public var patternBytes = 32 << 20
  /// Seconds for which a job may have the bench without any sign of life.
  public var jobPatience = 1800.0
  /// Seconds for which a client may hold the bench at most.
  public var longestLease = 3600.0
  /// Seconds for which a reader of a stream may take nothing before it is dropped.
  public var readerPatience = 10.0
  /// Bytes of all pictures and measurements that wait for their clients to take them.
  public var answerBytes = 256 << 20
  /// Bytes of the frames of one measurement.
  public var frameBytes = 256 << 20
  /// Images in one `POST /v1/measure`; more are a job.
  public var measuredImages = 1024

  public init() {}
}
