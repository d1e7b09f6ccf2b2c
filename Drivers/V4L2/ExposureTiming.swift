import Devices

/// What the timestamp of a frame marks.
package enum TimestampReading: String, CaseIterable, Sendable {
  /// The begin of the exposure.
  case start
  /// A time at which the frame was read out.
  case end
  /// What the driver says, unless it is known to say it wrongly.
  case auto

  package func moment(of buffer: FilledBuffer, driver: String) -> FilledBuffer.Moment {
    switch self {
    case .start: .start
    case .end: .end
    // uvcvideo says start of exposure and stamps the arrival of the first packet, which is after it.
    case .auto: driver == "uvcvideo" ? .end : buffer.moment
    }
  }
}

/// The earliest time at which the exposure of each frame can have begun.
///
/// A start that is too late would credit a frame to a pattern that it was not exposed to; one that is too early only
/// costs frames. So every time that is not known is replaced by its bound on the early side:
///
/// | known | start of the exposure |
/// |---|---|
/// | timestamp of the start | the timestamp |
/// | timestamp of the end, exposure | timestamp − readout − exposure |
/// | timestamp of the end | the earlier of timestamp − frame period and the last frame's timestamp, − readout |
///
/// Where there is no timestamp, the time at which the queue was last seen empty takes its place: the frame was complete
/// after it.
package struct ExposureTiming: Sendable {
  package var reading: TimestampReading
  package let driver: String
  /// Nanoseconds; nil when nobody knows it: at most the frame period then.
  package var exposure: UInt64?
  /// Nanoseconds from one frame to the next.
  package var period: UInt64
  /// Nanoseconds from the end of an exposure to its timestamp, at most; a frame period when nil.
  package var readout: UInt64?

  private var lastTimestamp: UInt64 = 0
  private var lastComplete: UInt64?
  private var lastStart: UInt64?

  package init(reading: TimestampReading, driver: String, exposure: UInt64?, period: UInt64, readout: UInt64?) {
    self.reading = reading
    self.driver = driver
    self.exposure = exposure
    self.period = period
    self.readout = readout
  }

  /// A stream begins: nothing is known of a frame before.
  package mutating func restart() {
    lastTimestamp = 0
    lastComplete = nil
    lastStart = nil
  }

  /// - Parameters:
  ///   - empty: a time at which the buffer was not yet filled.
  ///   - now: a time at which it was.
  package mutating func interval(of buffer: FilledBuffer, empty: UInt64, now: UInt64) -> (start: UInt64, end: UInt64) {
    let isCredible = Self.isCredible(buffer, now: now)
    // Without a timestamp the frame was complete after the queue was seen empty, and by now.
    let complete = isCredible ? buffer.timestamp : buffer.timestamp > 0 ? min(buffer.timestamp, empty) : empty
    var start: UInt64
    var end = isCredible ? complete : now
    if isCredible, reading.moment(of: buffer, driver: driver) == .start {
      start = complete
      end = min(now, complete + (exposure ?? period))
    } else {
      // An exposure of unknown length begins where the one before ended at the earliest; nobody knows of the first.
      let begin = exposure.map { complete.before($0) } ?? min(complete.before(period), lastComplete ?? 0)
      start = begin.before(readout ?? period)
    }
    // A frame that follows another began later. A timestamp that steps back must stay visible, though.
    if let lastStart, !isCredible || complete > lastTimestamp { start = max(start, lastStart + 1) }
    lastStart = start
    lastComplete = complete
    if isCredible { lastTimestamp = complete }
    return (start, max(start, end))
  }

  /// Whether a timestamp is one of the bench's clock: the driver says so, or says nothing and it looks like one.
  private static func isCredible(_ buffer: FilledBuffer, now: UInt64) -> Bool {
    guard buffer.timestamp > 0, buffer.timestamp <= now else { return false }
    return buffer.clock == .monotonic || now - buffer.timestamp <= credibleAge
  }

  private static let credibleAge: UInt64 = 1_000_000_000
}

extension UInt64 {
  /// The time that lies `duration` earlier, zero at the least.
  fileprivate func before(_ duration: UInt64) -> UInt64 { self > duration ? self - duration : 0 }
}
