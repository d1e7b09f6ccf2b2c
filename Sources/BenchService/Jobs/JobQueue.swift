import BenchAPI
import Logging
import ServiceLifecycle

/// Runs jobs one after the other, in the order in which they came, each with the bench to itself.
///
/// A job that was stopped before its end, because somebody paused it or the daemon ended, begins again: from its checkpoint
/// where its routine writes one, else from the start.
actor JobQueue: Service {
  private enum State {
    case idle(CheckedContinuation<Void, Never>?)
    case running(Job, Task<Void, Never>)
    case stopped
  }

  private let catalogue: JobCatalogue
  private let lease: BenchLease
  private let store: JobStore
  private let shelf: ArrayShelf
  private let calibrations: CalibrationStore
  private let limits: ServiceLimits
  private let threads: Int
  /// Whether jobs go on with the next daemon when this one ends.
  private let outlives: Bool
  private let executor = JobExecutor()
  private var state = State.idle(nil)
  private var waiting: [(job: Job, routine: any JobRoutine)] = []
  private var jobs: [Job]
  private var nextNumber: Int

  init(
    catalogue: JobCatalogue, lease: BenchLease, store: JobStore, heads: [JobHead], shelf: ArrayShelf,
    calibrations: CalibrationStore, limits: ServiceLimits, threads: Int, outlives: Bool
  ) throws {
    self.catalogue = catalogue
    self.lease = lease
    self.outlives = outlives
    self.store = store
    self.shelf = shelf
    self.calibrations = calibrations
    self.limits = limits
    self.threads = threads
    jobs = try store.load(limit: limits.listedJobs, heads: heads)
    nextNumber = try store.nextNumber()
  }

  /// Has the jobs wait again that an earlier daemon left.
  private func takeUp() {
    let left = jobs.filter { $0.summary.state == .queued }
    waiting = left.compactMap { job in routine(of: job).map { (job, $0) } }
  }

  /// What an earlier job does, nil when this daemon does not know any more.
  private nonisolated func routine(of job: Job) -> (any JobRoutine)? {
    let summary = job.summary
    do {
      return try catalogue.routine(for: JobRequest(kind: summary.kind, parameters: summary.parameters))
    } catch {
      finish(job, .failed, message: "this odud cannot go on with the job: \(error)")
      return nil
    }
  }

  // MARK: Requests

  /// All jobs that are remembered, oldest first.
  var summaries: [JobSummary] { jobs.map(\.summary) }

  var running: JobSummary? { if case .running(let job, _) = state { job.summary } else { nil } }

  var queued: Int { waiting.count }

  var isStopped: Bool { if case .stopped = state { true } else { false } }

  func job(_ id: String) throws -> Job {
    guard let job = jobs.first(where: { $0.id == id }) else { throw ServiceError.absent("there is no job \(id)") }
    return job
  }

  /// A job with all of its parameters.
  func summary(_ id: String) throws -> JobSummary { store.summary(of: try job(id)) }

  /// Puts a job at the end of the queue.
  func submit(_ request: JobRequest) throws -> JobSummary {
    let routine = try catalogue.routine(for: request)
    if case .stopped = state { throw ServiceError.full("odud is shutting down") }
    guard waiting.count < limits.queuedJobs else {
      throw ServiceError.full("\(waiting.count) jobs wait already; try again when some are done")
    }
    let job = try store.create(
      JobSummary(
        id: try JobStore.identifier(number: nextNumber, kind: request.kind), kind: request.kind,
        parameters: request.parameters, created: store.clock.date()))
    try store.register(job)
    nextNumber += 1
    jobs.append(job)
    forgetOldJobs()
    waiting.append((job, routine))
    wake()
    return job.summary
  }

  /// Takes a job out of the queue or stops it; it may take until the end of the present frame to end.
  func cancel(_ id: String) throws -> JobSummary {
    let job = try job(id)
    let summary = job.summary
    if summary.state.isTerminal {
      guard summary.state == .cancelled else {
        throw ServiceError.conflict("job \(id) has ended already (\(summary.state))")
      }
    } else if take(job) || job.isHeld {
      finish(job, .cancelled)
    } else {
      interrupt(job, .cancelled)
    }
    return job.summary
  }

  /// Puts a job aside, whether it waits or runs, so that others get the bench.
  func pause(_ id: String) throws -> JobSummary {
    let job = try job(id)
    guard !job.summary.state.isTerminal else {
      throw ServiceError.conflict("job \(id) has ended already (\(job.summary.state))")
    }
    guard job.isHeld || jobs.count(where: \.isHeld) < limits.heldJobs else {
      throw ServiceError.full("\(limits.heldJobs) jobs are paused already; resume or cancel some")
    }
    if take(job) {
      job.hold(true)
      store.save(job)
    } else if !job.isHeld {
      interrupt(job, .held)
    }
    return job.summary
  }

  /// Has a job go on that somebody paused, before all that wait.
  func resume(_ id: String) throws -> JobSummary {
    let job = try job(id)
    guard job.isHeld else { throw ServiceError.conflict("job \(id) is not paused by request (\(job.summary.state))") }
    guard let routine = routine(of: job) else { return job.summary }
    job.hold(false)
    store.save(job)
    waiting.insert((job, routine), at: 0)
    wake()
    return job.summary
  }

  /// Forgets a job that has ended, whose run directory is about to go.
  func forget(_ id: String) throws {
    guard let place = jobs.firstIndex(where: { $0.id == id }) else { return }
    guard jobs[place].summary.state.isTerminal else {
      throw ServiceError.conflict("job \(id) has not ended; cancel it first")
    }
    jobs.remove(at: place)
  }

  /// Takes a job that waits out of the queue; false when it does not wait.
  private func take(_ job: Job) -> Bool {
    guard let place = waiting.firstIndex(where: { $0.job.id == job.id }) else { return false }
    waiting.remove(at: place)
    return true
  }

  private func interrupt(_ job: Job, _ reason: Job.Interruption) {
    guard case .running(let current, let task) = state, current.id == job.id else { return }
    job.interrupt(reason)
    task.cancel()
  }

  private func wake() {
    if case .idle(let sleeper?) = state {
      state = .idle(nil)
      sleeper.resume()
    }
  }

  /// Grows with everything that the running job reports; nil when none runs.
  var activity: Int? { if case .running(let job, _) = state { job.activity } else { nil } }

  // MARK: Life

  func run() async throws {
    takeUp()
    await withTaskCancellationOrGracefulShutdownHandler {
      while let (job, routine) = await next() {
        let task = Task(executorPreference: executor) { await self.perform(routine, as: job) }
        state = .running(job, task)
        await task.value
        if case .running = state { state = .idle(nil) }
      }
    } onCancelOrGracefulShutdown: {
      Task {
        await self.stop()
        await self.lease.close()
        await self.makeSafe()
      }
    }
    for job in jobs { job.leave() }
    guard await lease.equipment != nil else { return }
    try await lease.useWhenFree(for: "shutdown") { [lease] bench in
      defer { Task { await lease.withdraw("odud is shutting down") } }
      try await bench.unit.stop()
    }
  }

  /// Shows the safe patterns again and again while somebody who computes has not noticed that it is over.
  private func makeSafe() async {
    while true {
      try? await store.clock.sleep(Self.patience)
      guard await lease.holder != nil, let equipment = await lease.equipment else { return }
      for modulator in equipment.modulators { try? await modulator.showSafePattern() }
    }
  }

  /// Seconds that a job has to stop before the safe patterns are shown without it.
  private static let patience = 1.0

  private func next() async -> (job: Job, routine: any JobRoutine)? {
    while true {
      if case .stopped = state { return nil }
      if !waiting.isEmpty { return waiting.removeFirst() }
      await withCheckedContinuation { state = .idle($0) }
    }
  }

  /// Stops everything and lets ``run()`` end.
  private func stop() {
    let before = state
    state = .stopped
    if !outlives {
      for (job, _) in waiting { finish(job, .cancelled) }
    }
    waiting = []
    switch before {
    case .idle(let sleeper): sleeper?.resume()
    case .running(let job, let task):
      job.interrupt(outlives ? .shutdown : .cancelled)
      task.cancel()
    case .stopped: break
    }
  }

  private nonisolated func perform(_ routine: any JobRoutine, as job: Job) async {
    do {
      finish(job, .succeeded, result: try await result(of: routine, as: job))
    } catch  where error is CancellationError || Task.isCancelled {
      // What was under way may have failed because it was stopped.
      interrupted(job)
    } catch {
      finish(job, .failed, message: "\(error)")
    }
  }

  private nonisolated func result(of routine: any JobRoutine, as job: Job) async throws -> JSONValue {
    let waits: @Sendable (BenchLease.Wait?) -> Void = { job.wait(for: $0) }
    let file = try await lease.file(waits: waits)
    let routine = try await routine.prepared(JobPreparation(file: file, runs: store.folder, job: job))
    return try await lease.useWhenFree(for: "job \(job.id)", patience: limits.jobPatience, waits: waits) {
      [limits] in
      Task { await self.interrupt(job, .idle(limits.jobPatience)) }
    } _: { bench in
      job.begin()
      store.save(job)
      let recorder = RunRecorder(job: job, file: bench.file, clock: store.clock)
      defer { recorder.close() }
      let bench = bench.recorded(by: recorder)
      let context = JobContext(
        bench: bench, threads: threads, job: job, shelf: shelf, calibrations: calibrations,
        frameBytes: limits.frameBytes)
      await bench.unit.observe { job.follow($0) }
      let outcome: Result<JSONValue, any Error>
      do {
        outcome = .success(
          try await bench.whileRunning(log: context.log) {
            try context.checkCancellation()
            return try await routine.result(in: context)
          })
      } catch {
        outcome = .failure(error)
      }
      await bench.unit.observe(nil)
      return try outcome.get()
    }
  }

  /// What becomes of a job that was stopped before its end.
  private nonisolated func interrupted(_ job: Job) {
    switch job.takeInterruption() {
    case .cancelled: finish(job, .cancelled)
    case .idle(let seconds): finish(job, .failed, message: "the job did nothing for \(Int(seconds)) s")
    case .held:
      job.hold(true)
      store.save(job)
    case .shutdown:
      job.enter(.queued, message: "odud ended; the job goes on when it is back")
      store.save(job)
    }
  }

  private nonisolated func finish(_ job: Job, _ end: JobState, message: String? = nil, result: JSONValue? = nil) {
    job.end(as: end, message: message, result: result) { store.save($0) }
    if end != .failed { store.removeCheckpoint(of: job) }
    store.logger.info("job \(job.id): \(end)\(message.map { ": \($0)" } ?? "")")
  }

  /// Forgets the oldest jobs that have ended; their run directories stay.
  private func forgetOldJobs() {
    while jobs.count > limits.listedJobs, let oldest = jobs.firstIndex(where: { $0.summary.state.isTerminal }) {
      jobs.remove(at: oldest)
    }
  }
}
