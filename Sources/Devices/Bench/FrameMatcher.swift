import Measuring

/// Decides whether a frame may be credited to the pattern on the modulators.
///
/// A frame is accepted only when its whole exposure lies after the time at which the pattern was at rest, and when
/// nothing speaks against it being a fresh frame of that exposure. The caller leaves the pattern on the panel until a
/// frame has been accepted, so that the end of the exposure needs no further check than not to lie in the future.
public struct FrameMatcher: Sendable {
  /// What a pattern on the modulators promises about the frames that follow.
  public struct Expectation: Sendable, Equatable {
    /// The pattern is at rest from this time on, in nanoseconds.
    public var settled: UInt64
    /// Whether the pattern gives light.
    public var light: Bool

    public init(settled: UInt64, light: Bool) {
      self.settled = settled
      self.light = light
    }
  }

  /// How many earlier frames a stale buffer is recognised among.
  public static let memory = 64

  /// Counts since the start.
  public private(set) var report = MatchingReport()

  private let blackLevel: UInt16
  private let rejectsIdenticalFrames: Bool
  private let distrustsGaps: Bool
  private var expectation: Expectation?
  private var lastSequence: UInt64?
  private var lastExposureStart: UInt64 = 0
  private var digests: [UInt64] = []

  /// - Parameters:
  ///   - blackLevel: a frame without a pixel above this value is black.
  ///   - rejectsIdenticalFrames: whether the content of an earlier frame gives a stale buffer away. Not for a camera
  ///     without noise.
  ///   - distrustsGaps: whether the content of a frame that was lost on its way may turn up in a later one.
  public init(blackLevel: UInt16, rejectsIdenticalFrames: Bool = true, distrustsGaps: Bool = false) {
    self.blackLevel = blackLevel
    self.rejectsIdenticalFrames = rejectsIdenticalFrames
    self.distrustsGaps = distrustsGaps
  }

  /// Frames are now to be credited to a new pattern.
  public mutating func expect(_ expectation: Expectation) { self.expectation = expectation }

  /// The pattern is about to leave the panel: no frame is accepted until the next expectation.
  public mutating func expectNothing() { expectation = nil }

  /// The camera was restarted: its sequence begins again.
  public mutating func restart() {
    expectation = nil
    lastSequence = nil
    lastExposureStart = 0
    digests = []
  }

  /// Judges the next frame that the camera delivered, at the time `now`, and counts it.
  public mutating func judge(_ frame: Frame, now: UInt64) -> FrameVerdict {
    let verdict = verdict(on: frame, now: now)
    report.count(verdict)
    if verdict == .accepted { expectation = nil }
    return verdict
  }

  private mutating func verdict(on frame: Frame, now: UInt64) -> FrameVerdict {
    // Remembered whatever the verdict: the content of a rejected frame may come again in a stale buffer.
    let stale = remember(frame)
    // A frame with a wrong clock must not decide which of the next ones are in order.
    if frame.exposureEnd < frame.exposureStart || frame.exposureEnd > now { return .implausibleTime }
    let (before, began) = (lastSequence, lastExposureStart)
    if let fault = orderFault(frame) { return fault }
    if !frame.flags.isEmpty { return .erroneous }
    guard let expectation, frame.exposureStart >= expectation.settled else { return .tooEarly }
    let isBlack = !frame.pixels.contains { $0 > blackLevel }
    if isBlack { return expectation.light ? .black : .accepted }
    if stale { return .duplicated }
    // A lost frame of the pattern before was never seen here, so that its content in a stale buffer would look fresh.
    if distrustsGaps, rejectsIdenticalFrames, let before, frame.sequence > before, frame.sequence - before > 1,
      began < expectation.settled
    {
      return .outOfSequence
    }
    return .accepted
  }

  private mutating func orderFault(_ frame: Frame) -> FrameVerdict? {
    if let lastSequence {
      if frame.sequence == lastSequence { return .duplicated }
      if frame.sequence < lastSequence || frame.exposureStart <= lastExposureStart { return .outOfSequence }
      let (sum, overflows) = report.missing.addingReportingOverflow(Int(clamping: frame.sequence - lastSequence - 1))
      report.missing = overflows ? .max : sum
    }
    lastSequence = frame.sequence
    lastExposureStart = frame.exposureStart
    return nil
  }

  /// Whether the content was seen before; it is remembered from now on.
  private mutating func remember(_ frame: Frame) -> Bool {
    guard rejectsIdenticalFrames else { return false }
    let digest = frame.digest
    if let known = digests.firstIndex(of: digest) {
      // A buffer that is stuck comes again and again, and must not be forgotten in between.
      digests.append(digests.remove(at: known))
      return true
    }
    digests.append(digest)
    if digests.count > FrameMatcher.memory { digests.removeFirst() }
    return false
  }
}
