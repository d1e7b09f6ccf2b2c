import BenchAPI
import BenchFile
import Concurrency
import Files
import Foundation
import ServiceCore

/// One job in this process, for routines that need no bench. Its run directory is like those of a daemon, with the job's record,
/// its checkpoint and its artefacts; the same job in the same directory resumes from the checkpoint.
package struct LocalRun: Sendable {
  private let request: JobRequest
  private let routine: any JobRoutine
  private let checkpoint: String?
  private let file: BenchFile
  private let folder: RunFolder
  private let threads: Int
  private let clock: ServiceClock
  private let limits = ServiceLimits()

  /// What was run is recorded beside the job's own record.
  private static let benchName = "bench.yaml"

  /// - Parameters:
  ///   - folder: the run directory, which is made when absent.
  ///   - threads: to compute with.
  /// - Throws: ``LocalRunError/needsBench(kind:)``, or why the request makes no sense.
  package init(
    _ request: JobRequest, of catalogue: JobCatalogue, bench file: BenchFile, folder: String, threads: Int,
    clock: ServiceClock = .system
  ) throws {
    self.request = request
    routine = try catalogue.routine(for: request)
    checkpoint = catalogue.checkpointFile(of: request.kind)
    guard !routine.needsBench else { throw LocalRunError.needsBench(kind: request.kind) }
    self.file = file
    self.folder = RunFolder(url: URL(fileURLWithPath: folder, isDirectory: true))
    self.threads = threads
    self.clock = clock
  }

  /// Runs the job to its end and returns its summary and result.
  ///
  /// - Parameters:
  ///   - resumes: whether it resumes from what an earlier process left in the directory; otherwise it starts over.
  ///   - show: receives the job's events.
  /// - Throws: `CancellationError` when the task was cancelled, after which the job can be resumed; what the routine throws;
  ///   ``LocalRunError``.
  package func perform(
    resumes: Bool = true, show: @escaping @Sendable (JobEvent) -> Void
  ) async throws -> (job: JobSummary, result: JSONValue) {
    try AtomicFile.makeFolder(folder.url.path)
    let lock = try DirectoryLock(folder.url.path)
    defer { withExtendedLifetime(lock) {} }
    let job = try resumes ? earlier() ?? fresh() : fresh()
    try AtomicFile.write(Array(file.text.utf8), to: benchPath)
    let following = follow(job, show)
    let outcome: Result<JSONValue, any Error>
    do {
      outcome = .success(try await work(job))
    } catch {
      outcome = .failure(error)
    }
    let isInterrupted = Task.isCancelled
    let result = try await settle(job, outcome, isInterrupted: isInterrupted, following)
    return (job.summary, result)
  }

  private var benchPath: String { folder.url.appendingPathComponent(Self.benchName).path }

  // MARK: Beginning

  private func fresh() -> Job {
    if let checkpoint { folder.removeCheckpoint(checkpoint) }
    let summary = JobSummary(
      id: request.kind, kind: request.kind, parameters: request.parameters, created: clock.date())
    return Job(summary: summary, directory: folder.url, capacity: limits.events, clock: clock)
  }

  /// The job that an earlier process left; nil when nothing of it would be lost by starting over.
  ///
  /// - Throws: ``LocalRunError/occupied(folder:)`` when it is another one, ``LocalRunError/unknown(folder:)``.
  private func earlier() throws -> Job? {
    guard let checkpoint, folder.checkpoint(checkpoint).exists else { return nil }
    guard let loaded = try? folder.record.load(),
      var record = try? APICoding.decode(JobRecord.self, from: Data(loaded.bytes))
    else { throw LocalRunError.unknown(folder: folder.url.path) }
    guard record.summary.state != .succeeded else { return nil }
    let bench = try? String(decoding: AtomicFile.read(benchPath), as: UTF8.self)
    guard record.summary.kind == request.kind, record.summary.parameters == request.parameters, bench == file.text
    else {
      throw LocalRunError.occupied(folder: folder.url.path)
    }
    // A job leaves no end, and this one is to continue.
    record.summary.state = .queued
    record.summary.message = nil
    record.summary.ended = nil
    return Job(record: record, directory: folder.url, capacity: limits.events, clock: clock)
  }

  // MARK: Running

  private func work(_ job: Job) async throws -> JSONValue {
    let host = LocalHost(job: job, file: file, threads: threads, frameBytes: limits.frameBytes)
    let place = URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    let task = Task(executorPreference: QueueExecutor(label: "odu.job")) { [routine] in
      let routine = try await routine.prepared(JobPreparation(file: file, runs: place, job: job))
      job.begin()
      job.keep(write)
      return try await routine.result(in: host)
    }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func follow(_ job: Job, _ show: @escaping @Sendable (JobEvent) -> Void) -> Task<Void, any Error> {
    let before = job.activity
    return Task {
      var seen = before
      while let events = try await job.events(after: seen) {
        for event in events {
          seen = event.sequence
          show(event)
        }
      }
    }
  }

  // MARK: Ending

  /// Brings the job to its end, and returns when all of its events have been shown.
  private func settle(
    _ job: Job, _ outcome: Result<JSONValue, any Error>, isInterrupted: Bool, _ following: Task<Void, any Error>
  ) async throws -> JSONValue {
    switch outcome {
    case .success(let result): end(job, JobEnd(state: .succeeded, result: result))
    case .failure(let error) where error is CancellationError || isInterrupted:
      job.interrupt(.leaving)
      _ = job.stop()
      job.keep(write)
    case .failure(let error):
      end(job, JobEnd(state: .failed, reason: ServiceError(describing: error, otherwise: .jobFailed)))
    }
    job.leave()
    try? await following.value
    if isInterrupted, case .failure = outcome { throw CancellationError() }
    return try outcome.get()
  }

  private func end(_ job: Job, _ end: JobEnd) {
    job.end(end) { record in (end, write(record)) }
    if end.state == .succeeded, let checkpoint { folder.removeCheckpoint(checkpoint) }
  }

  /// A record that cannot be written, on a full disk say, takes nothing from what the job has computed.
  private func write(_ record: JobRecord) -> Bool { (try? folder.write(record)) != nil }
}

/// Why a job cannot run in this process.
package enum LocalRunError: Error, Sendable, Equatable, CustomStringConvertible {
  case needsBench(kind: String)
  case occupied(folder: String)
  case unknown(folder: String)
  case busy(folder: String)

  package var description: String {
    switch self {
    case .needsBench(let kind): "\(kind) with these parameters needs a bench, and with it a daemon"
    case .occupied(let folder):
      "\(folder) has an unfinished job with other parameters or another bench file; finish that, remove the folder, or give "
        + "another one"
    case .unknown(let folder):
      "\(folder) has a checkpoint, but which job it belongs to cannot be read; remove the folder, or give another one"
    case .busy(let folder): "another process runs a job in \(folder)"
    }
  }
}

/// Keeps other processes out of a run directory as long as it lives; the system frees it with the process.
private final class DirectoryLock: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // Not all file systems have locks.
    if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(descriptor)
      throw LocalRunError.busy(folder: path)
    }
    self.descriptor = descriptor
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
