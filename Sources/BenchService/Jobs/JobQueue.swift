import BenchAPI
import Logging
import ServiceLifecycle

/// Runs jobs one after the other, in the order in which they came, each with the bench to itself.
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
  private let limits: ServiceLimits
  private let threads: Int
  private let executor = JobExecutor()
  private var state = State.idle(nil)
  private var waiting: [(job: Job, routine: any JobRoutine)] = []
  private var jobs: [Job]
  private var nextNumber: Int

  init(
    catalogue: JobCatalogue, lease: BenchLease, store: JobStore, shelf: ArrayShelf, limits: ServiceLimits, threads: Int
  ) throws {
    self.catalogue = catalogue
    self.lease = lease
    self.store = store
    self.shelf = shelf
    self.limits = limits
    self.threads = threads
    jobs = try store.load(limit: limits.listedJobs)
    nextNumber = try store.nextNumber()
  }

  // MARK: Requests

  /// All jobs that are remembered, oldest first.
  var summaries: [JobSummary] { jobs.map(\.summary) }

  var running: JobSummary? { if case .running(let job, _) = state { job.summary } else { nil } }

  var queued: Int { waiting.count }

  func job(_ id: String) throws -> Job {
    guard let job = jobs.first(where: { $0.id == id }) else { throw ServiceError.absent("there is no job \(id)") }
    return job
  }

  /// Puts a job at the end of the queue.
  func submit(_ request: JobRequest) throws -> JobSummary {
    let routine = try catalogue.routine(for: request)
    if case .stopped = state { throw ServiceError.full("odud is shutting down") }
    guard waiting.count < limits.queuedJobs else {
      throw ServiceError.full("\(waiting.count) jobs wait already; try again when some are done")
    }
    let job = try store.create(
      JobSummary(
        id: JobStore.identifier(number: nextNumber, kind: request.kind), kind: request.kind,
        parameters: request.parameters, created: store.clock.date()))
    nextNumber += 1
    jobs.append(job)
    forgetOldJobs()
    store.save(job)
    waiting.append((job, routine))
    if case .idle(let sleeper?) = state {
      state = .idle(nil)
      sleeper.resume()
    }
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
    } else if let place = waiting.firstIndex(where: { $0.job.id == id }) {
      waiting.remove(at: place)
      finish(job, .cancelled)
    } else if case .running(let current, let task) = state, current.id == id {
      task.cancel()
    }
    return job.summary
  }

  // MARK: Life

  func run() async throws {
    await withTaskCancellationOrGracefulShutdownHandler {
      while let (job, routine) = await next() {
        let task = Task(executorPreference: executor) { await self.perform(routine, as: job) }
        state = .running(job, task)
        await task.value
        if case .running = state { state = .idle(nil) }
      }
    } onCancelOrGracefulShutdown: {
      Task { await self.stop() }
    }
    try await lease.useWhenFree(for: "shutdown") { try await $0.unit.stop() }
  }

  private func next() async -> (job: Job, routine: any JobRoutine)? {
    while true {
      if case .stopped = state { return nil }
      if !waiting.isEmpty { return waiting.removeFirst() }
      await withCheckedContinuation { state = .idle($0) }
    }
  }

  /// Cancels everything and lets ``run()`` end.
  private func stop() {
    let before = state
    state = .stopped
    for (job, _) in waiting { finish(job, .cancelled) }
    waiting = []
    switch before {
    case .idle(let sleeper): sleeper?.resume()
    case .running(_, let task): task.cancel()
    case .stopped: break
    }
  }

  private nonisolated func perform(_ routine: any JobRoutine, as job: Job) async {
    job.enter(.running)
    store.save(job)
    do {
      let result = try await lease.useWhenFree(for: "job \(job.id)") { bench in
        let context = JobContext(bench: bench, threads: threads, job: job, shelf: shelf)
        await bench.unit.observe { job.follow($0) }
        return try await bench.whileRunning(log: context.log) {
          try context.checkCancellation()
          return try await routine.result(in: context)
        }
      }
      finish(job, .succeeded, result: result)
    } catch is CancellationError {
      finish(job, .cancelled)
    } catch {
      finish(job, .failed, message: "\(error)")
    }
  }

  private nonisolated func finish(_ job: Job, _ end: JobState, message: String? = nil, result: JSONValue? = nil) {
    job.enter(end, message: message, result: result)
    store.save(job)
    store.logger.info("job \(job.id): \(end)\(message.map { ": \($0)" } ?? "")")
  }

  /// Forgets the oldest jobs that have ended; their run directories stay.
  private func forgetOldJobs() {
    while jobs.count > limits.listedJobs, let oldest = jobs.firstIndex(where: { $0.summary.state.isTerminal }) {
      jobs.remove(at: oldest)
    }
  }
}
