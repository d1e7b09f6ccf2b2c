import BenchAPI
import Devices
import Foundation
import Synchronization

/// One job: what was asked, what happened, what came out. Written by its routine, read by any number of clients, each at
/// its own pace: a reader that is slow misses events that were thinned out meanwhile and costs no memory.
final class Job: Sendable {
  let id: String
  /// `<state>/runs/<id>`.
  let directory: URL

  private struct State {
    var summary: JobSummary
    var log: EventLog
    var result: JSONValue?
    var phase: (name: String, began: Double, completed: Int)?
    var readers: [Int: CheckedContinuation<Void, Never>] = [:]
    var tickets = 0

    mutating func takeReaders() -> [CheckedContinuation<Void, Never>] {
      defer { readers = [:] }
      return Array(readers.values)
    }
  }

  private let clock: ServiceClock
  private let queued: Double
  private let state: Mutex<State>

  init(summary: JobSummary, directory: URL, capacity: Int, clock: ServiceClock) {
    id = summary.id
    self.directory = directory
    self.clock = clock
    queued = clock.uptime()
    state = Mutex(State(summary: summary, log: EventLog(capacity: capacity)))
    change { $0.log.append(.state(.queued, message: nil), time: 0) }
  }

  /// A job of an earlier daemon.
  init(record: JobRecord, directory: URL, capacity: Int, clock: ServiceClock) {
    id = record.summary.id
    self.directory = directory
    self.clock = clock
    queued = clock.uptime() - (record.events.last?.time ?? 0)
    let log = EventLog(capacity: capacity, events: record.events)
    state = Mutex(State(summary: record.summary, log: log, result: record.result))
  }

  var summary: JobSummary { state.withLock { $0.summary } }

  var result: JSONValue? { state.withLock { $0.result } }

  /// What `job.json` holds.
  var record: JobRecord {
    state.withLock { JobRecord(summary: $0.summary, result: $0.result, events: $0.log.events) }
  }

  /// Enters a state; a terminal state is never left.
  func enter(_ next: JobState, message: String? = nil, result: JSONValue? = nil) {
    let date = clock.date()
    change { state in
      guard !state.summary.state.isTerminal else { return }
      state.summary.state = next
      state.summary.message = message
      if next == .running, state.summary.started == nil { state.summary.started = date }
      if next.isTerminal { state.summary.ended = date }
      state.result = result
      state.log.append(.state(next, message: message), time: time)
    }
  }

  /// Pauses and goes on with the bench.
  func follow(_ bench: DeviceState) {
    let summary = summary
    switch (bench, summary.state) {
    case (.paused(let reason), .running): enter(.paused, message: reason)
    case (.paused(let reason), .paused) where reason != summary.message: enter(.paused, message: reason)
    case (.running, .paused): enter(.running)
    default: break
    }
  }

  func progress(phase: String, completed: Int, total: Int) {
    let now = clock.uptime()
    change { state in
      if state.phase?.name != phase { state.phase = (phase, now, completed) }
      var progress = JobProgress(phase: phase, completed: completed, total: total)
      if let phase = state.phase, now > phase.began, completed > phase.completed {
        let rate = Double(completed - phase.completed) / (now - phase.began)
        progress.rate = rate
        progress.timeLeft = Double(max(total - completed, 0)) / rate
      }
      state.summary.progress = progress
      state.log.append(.progress(progress), time: now - queued)
    }
  }

  func append(_ content: JobEvent.Content) {
    change { $0.log.append(content, time: time) }
  }

  func add(artefact name: String) {
    change { state in
      if !state.summary.artefacts.contains(name) { state.summary.artefacts.append(name) }
    }
  }

  /// The events after a sequence number, as soon as there are any; nil when the job has ended and there are none.
  func events(after sequence: Int) async throws -> [JobEvent]? {
    while true {
      try Task.checkCancellation()
      let (events, ended) = state.withLock { (Array($0.log.events(after: sequence)), $0.summary.state.isTerminal) }
      if !events.isEmpty { return events }
      if ended { return nil }
      await change(after: sequence)
    }
  }

  /// Suspends until there is an event after `sequence`, the job has ended or the task is cancelled.
  private func change(after sequence: Int) async {
    let ticket = state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { reader in
        let ready = state.withLock { state in
          let ready = state.log.lastSequence > sequence || state.summary.state.isTerminal || Task.isCancelled
          if !ready { state.readers[ticket] = reader }
          return ready
        }
        if ready { reader.resume() }
      }
    } onCancel: {
      state.withLock { $0.readers.removeValue(forKey: ticket) }?.resume()
    }
  }

  private var time: Double { clock.uptime() - queued }

  /// Changes the state and wakes whoever waits for that.
  private func change(_ body: (inout State) -> Void) {
    let readers = state.withLock { state in
      body(&state)
      return state.takeReaders()
    }
    for reader in readers { reader.resume() }
  }
}
