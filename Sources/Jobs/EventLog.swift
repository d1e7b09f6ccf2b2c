import BenchAPI

/// The bounded history of one job.
///
/// Changes of state are kept, and the latest progress of each phase. When metrics fill half of the log, every second one
/// goes and only every second one is taken from then on, so that curves stay whole and evenly spaced. When log lines and
/// pauses fill it, the oldest go.
public struct EventLog: Sendable, Equatable {
  public let capacity: Int
  public private(set) var events: [JobEvent]
  public private(set) var lastSequence: Int
  private var metricCount = 0
  private var metricStride = 1

  /// A log of at most `capacity` events, of which the first are given.
  public init(capacity: Int, events: [JobEvent] = []) {
    self.capacity = max(capacity, 16)
    self.events = events
    // The events may come from a file, and others follow them.
    self.lastSequence = min(max(events.last?.sequence ?? 0, 0), Self.lastSequenceRead)
  }

  /// The highest number that a file can give.
  private static let lastSequenceRead = 1 << 52

  /// Adds an event at a time in seconds since the job was queued.
  public mutating func append(_ content: JobEvent.Content, time: Double) {
    lastSequence += 1
    switch content {
    case .progress(let progress):
      if let superseded = events.lastIndex(where: { $0.reports(progress.phase) }) { events.remove(at: superseded) }
    case .metrics:
      metricCount += 1
      guard (metricCount - 1) % metricStride == 0 else { return }
    case .state, .log: break
    }
    events.append(JobEvent(sequence: lastSequence, time: time, content: content))
    if events.count > capacity { thin() }
  }

  /// Continues with sequence numbers above all that may have been given.
  public mutating func skip() { lastSequence = (lastSequence / 1_000_000 + 1) * 1_000_000 }

  /// The events after a sequence number.
  public func events(after sequence: Int) -> ArraySlice<JobEvent> {
    let first = events.lastIndex { $0.sequence <= sequence }.map { $0 + 1 } ?? 0
    return events[first...]
  }

  private mutating func thin() {
    if events.count(where: \.isMetrics) > capacity / 2 {
      metricStride *= 2
      var index = 0
      events.removeAll { event in
        guard event.isMetrics else { return false }
        index += 1
        return index.isMultiple(of: 2)
      }
    } else {
      var excess = capacity / 8
      events.removeAll { event in
        guard excess > 0, event.isExpendable else { return false }
        excess -= 1
        return true
      }
    }
  }
}

extension JobEvent {
  fileprivate var isMetrics: Bool { if case .metrics = content { true } else { false } }

  /// Lines of the log, pauses and ends of pauses.
  fileprivate var isExpendable: Bool {
    switch content {
    case .log, .state(.paused, _, _): true
    case .state(.running, _, _): sequence > 2
    default: false
    }
  }

  /// Whether this event is progress of the given phase.
  fileprivate func reports(_ phase: String) -> Bool {
    if case .progress(let progress) = content { progress.phase == phase } else { false }
  }
}
