import BenchAPI
import Concurrency
import Lending
import Records
import ServiceCore
import ServiceLifecycle

/// Runs jobs one after the other, in the order in which they came, each with the bench to itself.
///
/// A job that was stopped before its end, because a client paused it or the daemon ended, begins again: from its checkpoint
/// where its routine writes one, else from the start.
package actor JobQueue: Service {
  private enum State {
    case idle(CheckedContinuation<Void, Never>?)
    case running(Job, Task<Void, Never>)
    case stopped
  }

  package nonisolated let catalogue: JobCatalogue
  private let runner: JobRunner
  /// Whether jobs resume with the next daemon when this one ends.
  private let outlives: Bool
  private let afterJob: @Sendable () -> Void
  private var lease: BenchLease { runner.lease }
  private var store: JobStore { runner.store }
  private var limits: ServiceLimits { runner.limits }
  /// The thread on which jobs compute, so that a job that does not yield never holds up a request.
  private let executor = QueueExecutor(label: "odud.jobs")
  private var state = State.idle(nil)
  private var waiting: [(job: Job, routine: any JobRoutine)] = []
  /// Jobs of this daemon, and those that it took up, oldest first.
  private var jobs: [Job]
  /// Jobs that ended some time ago, oldest first. What else there is of them stays on the disk.
  private var earlier: [JobSummary]

  /// - Parameter jobs: those that earlier daemons left.
  package init(
    catalogue: JobCatalogue, lease: BenchLease, store: JobStore, jobs: [Job], shelf: ArrayShelf,
    calibrations: CalibrationStore, limits: ServiceLimits, threads: Int, outlives: Bool,
    afterJob: @escaping @Sendable () -> Void
  ) {
    self.catalogue = catalogue
    runner = JobRunner(
      lease: lease, store: store, shelf: shelf, calibrations: calibrations, limits: limits, threads: threads)
    self.outlives = outlives
    self.afterJob = afterJob
    self.jobs = jobs
    let taken = Set(jobs.map(\.id))
    earlier = store.endedJobs(limit: limits.listedJobs).filter { !taken.contains($0.id) }
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
      let reason = ServiceError(.jobNotResumable, "this odud cannot resume the job: \(error)")
      runner.finish(job, JobEnd(state: .failed, reason: reason))
      return nil
    }
  }

  // MARK: Requests

  /// The latest jobs, oldest first.
  package var summaries: [JobSummary] {
    let all = (earlier + jobs.map(\.summary)).map { (RunningNumber.of($0.id) ?? 0, $0) }
    return all.sorted { $0.0 < $1.0 }.map(\.1)
  }

  package var running: JobSummary? { if case .running(let job, _) = state { job.summary } else { nil } }

  package var queued: Int { waiting.count }

  package var isStopped: Bool { if case .stopped = state { true } else { false } }

  /// A job of any run that there is.
  package func job(_ id: String) throws -> Job {
    if let job = jobs.first(where: { $0.id == id }) ?? store.endedJob(id) { return job }
    throw ServiceError(.jobUnknown, "there is no job \(id)")
  }

  /// A job with all of its parameters.
  package func summary(_ id: String) throws -> JobSummary { store.summary(of: try job(id)) }

  /// Puts a job at the end of the queue.
  package func submit(_ request: JobRequest) throws -> JobSummary {
    let routine = try catalogue.routine(for: request)
    if case .stopped = state { throw ServiceError.stopping }
    guard waiting.count < limits.queuedJobs else {
      throw ServiceError(.jobQueueFull, "\(waiting.count) jobs wait already; try again when some are done")
    }
    let job = try store.create(request)
    jobs.append(job)
    forgetOldJobs()
    waiting.append((job, routine))
    wake()
    return job.summary
  }

  /// Takes a job out of the queue or stops it; it may take until the end of the present frame to end. When this returns the
  /// disk knows: the job never comes back.
  package func cancel(_ id: String) throws -> JobSummary {
    let job = try job(id)
    if take(job) || !job.wish(.cancel) {
      runner.finish(job, JobEnd(state: .cancelled))
    } else {
      interrupt(job)
      store.save(job)
    }
    let summary = job.summary
    guard !summary.state.isTerminal || summary.state == .cancelled else {
      throw ServiceError(.jobEnded, "job \(id) has ended already (\(summary.state))")
    }
    guard !job.isOwed else {
      throw ServiceError.diskFull(
        "job \(id) is cancelled, but this cannot be written to disk: it may come back with the next odud")
    }
    return summary
  }

  /// Puts a job aside, whether it waits or runs, so that others get the bench.
  package func pause(_ id: String) throws -> JobSummary {
    let job = try job(id)
    guard !job.summary.state.isTerminal else {
      throw ServiceError(.jobEnded, "job \(id) has ended already (\(job.summary.state))")
    }
    guard job.isHeld || jobs.count(where: \.isHeld) < limits.heldJobs else {
      throw ServiceError(.jobTooManyPaused, "\(limits.heldJobs) jobs are paused already; resume or cancel some")
    }
    if take(job) {
      job.hold()
    } else if job.wish(.hold) {
      interrupt(job)
    }
    guard store.save(job) else {
      throw ServiceError.diskFull(
        "job \(id) is paused, but this cannot be written to disk: the next odud may resume it")
    }
    return job.summary
  }

  /// Resumes a paused job, before all that wait.
  package func resume(_ id: String) throws -> JobSummary {
    let job = try job(id)
    guard job.isHeld else {
      throw ServiceError(.jobNotPaused, "job \(id) is not paused by request (\(job.summary.state))")
    }
    guard let routine = routine(of: job) else { return job.summary }
    job.release()
    store.save(job)
    waiting.insert((job, routine), at: 0)
    wake()
    return job.summary
  }

  /// Removes the run of a job that has ended.
  package func remove(_ id: String) throws {
    let place = jobs.firstIndex { $0.id == id }
    if let place, !jobs[place].summary.state.isTerminal {
      throw ServiceError(.jobNotEnded, "job \(id) has not ended; cancel it first")
    }
    try store.remove(id)
    if let place { jobs.remove(at: place) }
    earlier.removeAll { $0.id == id }
  }

  /// Writes what could not be written when it should have been: there may be room again.
  package func settle() {
    for job in jobs where job.isOwed { store.save(job) }
  }

  /// Takes a job that waits out of the queue; false when it does not wait.
  private func take(_ job: Job) -> Bool {
    guard let place = waiting.firstIndex(where: { $0.job.id == job.id }) else { return false }
    waiting.remove(at: place)
    return true
  }

  private func interrupt(_ job: Job, _ reason: Job.Interruption? = nil) {
    guard case .running(let current, let task) = state, current.id == job.id else { return }
    if let reason { job.interrupt(reason) }
    task.cancel()
  }

  private func wake() {
    if case .idle(let sleeper?) = state {
      state = .idle(nil)
      sleeper.resume()
    }
  }

  /// Grows with everything that the running job reports; nil when none runs.
  package var activity: Int? { if case .running(let job, _) = state { job.activity } else { nil } }

  // MARK: Life

  package func run() async throws {
    takeUp()
    await withTaskCancellationOrGracefulShutdownHandler {
      while let (job, routine) = await next() {
        let task = Task(executorPreference: executor) { [afterJob, runner] in
          await runner.perform(routine, as: job) { await self.interrupt(job, $0) }
          afterJob()
        }
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
    settle()
    for job in jobs { job.leave() }
    guard await lease.equipment != nil else { return }
    try await lease.useWhenFree(for: "shutdown") { [lease] bench in
      defer { Task { await lease.withdraw(.stopping) } }
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
      for (job, _) in waiting { runner.finish(job, JobEnd(state: .cancelled)) }
    }
    waiting = []
    switch before {
    case .idle(let sleeper): sleeper?.resume()
    case .running(let job, let task):
      if outlives { job.interrupt(.shutdown) } else { _ = job.wish(.cancel) }
      task.cancel()
    case .stopped: break
    }
  }

  /// Forgets the oldest jobs that have ended; their run directories stay.
  private func forgetOldJobs() {
    abridgeOldJobs()
    while earlier.count + jobs.count > limits.listedJobs {
      if !earlier.isEmpty {
        earlier.removeFirst()
      } else if let oldest = jobs.firstIndex(where: { $0.summary.state.isTerminal && !$0.isOwed }) {
        jobs.remove(at: oldest)
      } else {
        return
      }
    }
  }

  /// Keeps of all but the latest jobs that have ended what lists show: a long training has megabytes of events.
  private func abridgeOldJobs() {
    let ended = jobs.filter { $0.summary.state.isTerminal && !$0.isOwed }
    let old = ended.dropLast(limits.wholeJobs)
    guard !old.isEmpty else { return }
    let names = Set(old.map(\.id))
    jobs.removeAll { names.contains($0.id) }
    earlier = (earlier + old.map(\.summary)).sorted { RunningNumber.of($0.id) ?? 0 < RunningNumber.of($1.id) ?? 0 }
  }
}
