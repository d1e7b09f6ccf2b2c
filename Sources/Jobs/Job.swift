import BenchAPI
import Concurrency
import Devices
import Files
import Foundation
import Lending
import ServiceCore

/// One job: what was asked, what happened, what came out. Written by its routine, read by any number of clients, each at
/// its own pace: a reader that is slow misses events that were thinned out meanwhile and costs no memory.
package final class Job: Sendable {
  package let id: String
  /// `<state>/runs/<id>`.
  package let directory: URL

  /// Why a job is stopped before its end, when no client wished so.
  enum Interruption: Sendable, Equatable {
    /// The daemon ends; the job resumes when it is back.
    case shutdown
    /// The process of a command ends; the job resumes when the same is run again.
    case leaving
    /// It did nothing for so many seconds.
    case idle(Double)
  }

  /// What became of a job that was stopped.
  enum Stop: Sendable, Equatable {
    /// It shall end so.
    case ends(JobEnd)
    /// It is put aside, or in the queue again, and not saved yet.
    case waits
  }

  private struct State {
    var summary: JobSummary
    var log: EventLog
    var result: JSONValue?
    var phase: (name: String, began: Double, completed: Int)?
    /// When progress was last put into the log.
    var announced = -Double.infinity
    var interruption: Interruption?
    var wish: JobWish?
    var isHeld = false
    /// Whether the record could not be written when it should have been.
    var isOwed = false
    var isLeft = false
    var setbacks: Setbacks?
    var preparations: Int?
    var isAbridged = false

    /// Keeps of the parameters of a job that has ended what lists show. Hundreds of such jobs are remembered.
    mutating func abridge() {
      guard !isAbridged else { return }
      let listed = summary.listed.parameters
      isAbridged = listed != summary.parameters
      summary.parameters = listed
    }

    var record: JobRecord {
      JobRecord(
        summary: summary, result: result, events: log.events, isHeld: isHeld ? true : nil, setbacks: setbacks,
        wish: wish, preparations: preparations)
    }

    /// Enters a state; a terminal state is never left.
    mutating func enter(_ next: JobState, _ reason: ServiceError?, result: JSONValue?, date: Date, time: Double) {
      guard !summary.state.isTerminal else { return }
      let message = reason.map { Excerpt.of($0.description, limit: Job.messageLimit) }
      summary.state = next
      (summary.message, summary.cause) = (message, reason?.cause.rawValue)
      if next == .running, summary.started == nil { summary.started = date }
      if next.isTerminal {
        summary.ended = date
        isHeld = false
        wish = nil
      }
      self.result = result
      log.append(.state(next, message: message, cause: summary.cause), time: time)
    }

    mutating func enter(_ end: JobEnd, date: Date, time: Double) {
      enter(end.state, end.reason, result: end.result, date: date, time: time)
    }

    mutating func hold(date: Date, time: Double) {
      guard !summary.state.isTerminal else { return }
      wish = nil
      isHeld = true
      let reason = ServiceError(.jobPaused, "paused by request; resume it to continue")
      enter(.paused, reason, result: nil, date: date, time: time)
    }
  }

  /// Counts the events that followers are to see.
  private let changes = ChangeSignal()
  private let clock: ServiceClock
  private let queued: Double
  private let state: Locked<State>
  /// Held by the writer of the record, from before it is put together: a newer one is never written over by an older.
  private let writing = Locked(false)

  init(summary: JobSummary, directory: URL, capacity: Int, clock: ServiceClock) {
    id = summary.id
    self.directory = directory
    self.clock = clock
    queued = clock.uptime()
    state = Locked(State(summary: summary, log: EventLog(capacity: capacity)))
    change { $0.log.append(.state(.queued, message: nil), time: 0) }
  }

  /// A job of an earlier daemon.
  init(record: JobRecord, directory: URL, capacity: Int, clock: ServiceClock) {
    id = record.summary.id
    self.directory = directory
    self.clock = clock
    queued = clock.uptime() - (record.events.last?.time ?? 0)
    var log = EventLog(capacity: capacity, events: record.events)
    // Followers have seen events of a daemon that was killed, which are not in the record.
    if !record.summary.state.isTerminal { log.skip() }
    var state = State(
      summary: record.summary, log: log, result: record.result, wish: record.wish, isHeld: record.isHeld ?? false,
      setbacks: record.setbacks, preparations: record.preparations)
    if record.summary.state.isTerminal { state.abridge() }
    self.state = Locked(state)
  }

  package var summary: JobSummary { state.withLock { $0.summary } }

  package var result: JSONValue? { state.withLock { $0.result } }

  /// What `job.json` holds.
  var record: JobRecord { state.withLock { $0.record } }

  /// Whether a client paused the job, so that it waits to be resumed.
  var isHeld: Bool { state.withLock { $0.isHeld } }

  /// Grows with everything that the job reports.
  package var activity: Int { state.withLock { $0.log.lastSequence } }

  // MARK: Life

  /// Notes what a client asks of the job while it runs. One that cancels it is not overruled.
  ///
  /// - Returns: false when the job does not run, so that nothing was noted.
  func wish(_ wish: JobWish) -> Bool {
    state.withLock { state in
      guard !state.summary.state.isTerminal, !state.isHeld else { return false }
      if state.wish != .cancel { state.wish = wish }
      state.summary.message = state.wish == .cancel ? "is being cancelled" : "is being paused"
      state.summary.cause = Cause.jobStopping.rawValue
      return true
    }
  }

  /// Says why the job is about to be stopped; the first reason counts.
  func interrupt(_ reason: Interruption) {
    state.withLock { $0.interruption = $0.interruption ?? reason }
  }

  /// Puts a job that was stopped where it belongs: at once, so that no wish comes between.
  func stop() -> Stop {
    let (date, time) = (clock.date(), time)
    defer { changes.raise() }
    return state.withLock { state in
      let reason = state.interruption
      state.interruption = nil
      switch (state.wish, reason) {
      case (.cancel, _), (nil, nil): return .ends(JobEnd(state: .cancelled))
      case (.hold, _): state.hold(date: date, time: time)
      case (nil, .idle(let seconds)):
        return .ends(
          JobEnd(state: .failed, reason: ServiceError(.jobIdle, "the job did nothing for \(Int(seconds)) s")))
      case (nil, .shutdown):
        let reason = ServiceError(.jobInterrupted, "odud ended; the job resumes when odud restarts")
        state.enter(.queued, reason, result: nil, date: date, time: time)
      case (nil, .leaving):
        let reason = ServiceError(.jobInterrupted, "interrupted; the same command resumes it")
        state.enter(.queued, reason, result: nil, date: date, time: time)
      }
      return .waits
    }
  }

  /// Does what somebody asked of the job before its daemon ended; false when nobody did.
  func obeyWish() -> Bool {
    switch state.withLock({ $0.wish }) {
    case .cancel: enter(.cancelled, ServiceError(.jobInterrupted, "odud ended before the job had stopped"))
    case .hold: hold()
    case nil: return false
    }
    return true
  }

  /// Puts a job that waits aside until a client resumes it.
  func hold() {
    let (date, time) = (clock.date(), time)
    change { $0.hold(date: date, time: time) }
  }

  /// Puts a job that a client paused back into the queue.
  func release() {
    let (date, time) = (clock.date(), time)
    change { state in
      guard state.isHeld else { return }
      state.isHeld = false
      state.enter(.queued, nil, result: nil, date: date, time: time)
    }
  }

  /// The job has the bench.
  func begin() {
    if summary.state != .running { enter(.running) }
  }

  /// Says what the job waits for before it has the bench; nil when that is over.
  func wait(for what: BenchLease.Wait?) {
    switch what {
    case .absent(let reason): enter(.paused, reason)
    case .taken(let holder):
      enter(.queued, ServiceError(.benchInUse, "waits for the bench, which \(holder) has"))
    case nil: enter(.queued)
    }
  }

  /// Lets those who follow the job go: nothing more will happen to it in this daemon.
  func leave() { change { $0.isLeft = true } }

  /// The daemon ended under the job.
  ///
  /// - Parameter checkpoint: tells the job's checkpoint from others.
  /// - Returns: how often that has happened in a row without another checkpoint in between.
  func countSetback(checkpoint: String?) -> Int {
    state.withLock { state in
      var setbacks = state.setbacks ?? Setbacks()
      setbacks.add(checkpoint: checkpoint)
      state.setbacks = setbacks
      return setbacks.count
    }
  }

  /// How many daemons in a row, with this one, have begun to read the job's files and have not come to an end with that.
  var preparations: Int { state.withLock { $0.preparations ?? 0 } }

  /// The job's files are about to be read, which may end the daemon.
  func beginPreparing() {
    state.withLock { state in
      let before = state.preparations ?? 0
      state.preparations = (0..<Int.max).contains(before) ? before + 1 : 1
    }
  }

  /// The job's files have been read, or cannot be: the daemon is still there.
  func endPreparing() { state.withLock { $0.preparations = nil } }

  /// Enters a state; a terminal state is never left, and is owed to the disk until it has been written.
  func enter(_ next: JobState, _ reason: ServiceError? = nil, result: JSONValue? = nil) {
    let (date, time) = (clock.date(), time)
    change { state in
      guard !state.summary.state.isTerminal else { return }
      state.enter(next, reason, result: result, date: date, time: time)
      if next.isTerminal { state.isOwed = true }
    }
  }

  /// Ends the job, unless it has ended. Nobody hears of it before `keep` has written it, so that what was once seen to have
  /// ended stays so. A job that a client cancelled ends cancelled, whatever it did meanwhile.
  ///
  /// - Parameter keep: says how the job has ended, which may be otherwise, and whether the disk knows.
  func end(_ end: JobEnd, keep: (JobRecord) -> (end: JobEnd, isKept: Bool)) {
    writing.withLock { _ in
      let (date, time) = (clock.date(), time)
      let record = state.withLock { state -> JobRecord? in
        guard !state.summary.state.isTerminal else { return nil }
        let wanted = state.wish == .cancel ? JobEnd(state: .cancelled) : end
        var ended = state
        ended.enter(wanted, date: date, time: time)
        return ended.record
      }
      guard let record else { return }
      let kept = keep(record)
      change { state in
        state.enter(kept.end, date: date, time: time)
        state.isOwed = !kept.isKept
        // What is still to be written has to be whole.
        if kept.isKept { state.abridge() }
      }
    }
  }

  /// Has the record written as it is then, unless the job has ended and its end is on the disk. Two writers never overtake
  /// one another.
  ///
  /// - Parameter write: returns whether the record is on the disk.
  /// - Returns: what `write` did.
  @discardableResult
  func keep(_ write: (JobRecord) -> Bool) -> Bool {
    writing.withLock { _ in
      let (record, isDone) = state.withLock { ($0.record, $0.summary.state.isTerminal && !$0.isOwed) }
      let isKept = isDone || write(record)
      state.withLock { state in
        state.isOwed = !isKept
        if isKept, record.summary.state.isTerminal { state.abridge() }
      }
      return isKept
    }
  }

  /// Whether the record could not be written when it should have been.
  var isOwed: Bool { state.withLock { $0.isOwed } }

  /// Whether the job's record holds more of its parameters than this.
  var isAbridged: Bool { state.withLock { $0.isAbridged } }

  /// Pauses and resumes together with the bench.
  func follow(_ bench: DeviceState) {
    guard !isHeld else { return }
    let summary = summary
    switch (bench, summary.state) {
    case (.paused(let reason), .running): enter(.paused, ServiceError(.benchPaused, reason))
    case (.paused(let reason), .paused) where reason != summary.message:
      enter(.paused, ServiceError(.benchPaused, reason))
    case (.running, .paused): enter(.running)
    default: break
    }
  }

  /// Notes how far a phase is. Followers hear of it ten times a second and at both ends of the phase, since a bench may
  /// measure thousands of images a second and must not wait for those who look on.
  ///
  func progress(phase: String, completed: Int, total: Int, pace: ProgressPace = .steps) {
    let now = clock.uptime()
    let isNews = state.withLock { state in
      let begins = state.phase?.name != phase
      if begins { state.phase = (phase, now, completed) }
      var progress = JobProgress(phase: phase, completed: completed, total: total)
      if pace != .uneven, let phase = state.phase, now > phase.began, completed > phase.completed {
        let rate = Double(completed - phase.completed) / (now - phase.began)
        if pace == .steps { progress.rate = rate }
        progress.timeLeft = Double(max(total - completed, 0)) / rate
      }
      state.summary.progress = progress
      guard begins || completed >= total || now - state.announced >= Self.progressInterval else { return false }
      state.announced = now
      state.log.append(.progress(progress), time: now - queued)
      return true
    }
    if isNews { changes.raise() }
  }

  /// Seconds between events of progress.
  private static let progressInterval = 0.1

  func append(_ content: JobEvent.Content) {
    var content = content
    if case .log(let line) = content { content = .log(Excerpt.of(line, limit: Self.messageLimit)) }
    change { [content] in $0.log.append(content, time: time) }
  }

  /// Bytes of a message or a line of the log.
  private static let messageLimit = 2048
  /// Events that a follower gets at a time.
  private static let eventsAtATime = 256

  func add(artefact name: String) {
    change { state in
      if !state.summary.artefacts.contains(name) { state.summary.artefacts.append(name) }
    }
  }

  /// The events after a sequence number, as soon as there are any; nil when the job has ended and there are none.
  package func events(after sequence: Int) async throws -> [JobEvent]? {
    while true {
      try Task.checkCancellation()
      let seen = changes.count
      let (events, ended) = state.withLock {
        (Array($0.log.events(after: sequence).prefix(Self.eventsAtATime)), $0.summary.state.isTerminal || $0.isLeft)
      }
      if !events.isEmpty { return events }
      if ended { return nil }
      try await changes.wait(after: seen)
    }
  }

  private var time: Double { clock.uptime() - queued }

  /// Changes the state and wakes whoever waits for that.
  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    changes.raise()
  }
}
