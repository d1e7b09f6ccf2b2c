import BenchAPI
import BenchFile
import Files
import Lending
import Logging
import Records
import ServiceCore

/// Does one job: lends it the bench, records what it measures, and writes how it has ended.
struct JobRunner: Sendable {
  let lease: BenchLease
  let store: JobStore
  let shelf: ArrayShelf
  let calibrations: CalibrationStore
  let limits: ServiceLimits
  let threads: Int

  /// Does the job, to its end in the record.
  ///
  /// - Parameter interrupt: stops the job from outside.
  func perform(
    _ routine: any JobRoutine, as job: Job, interrupt: @escaping @Sendable (Job.Interruption) async -> Void
  ) async {
    do {
      finish(job, JobEnd(state: .succeeded, result: try await result(of: routine, as: job, interrupt)))
    } catch  where error is CancellationError || Task.isCancelled {
      // What was under way may have failed because it was stopped.
      interrupted(job)
    } catch {
      finish(job, JobEnd(state: .failed, reason: ServiceError(describing: error, otherwise: .jobFailed)))
    }
  }

  private func result(
    of routine: any JobRoutine, as job: Job, _ interrupt: @escaping @Sendable (Job.Interruption) async -> Void
  ) async throws -> JSONValue {
    let waits: @Sendable (BenchLease.Wait?) -> Void = { job.wait(for: $0) }
    let (file, hasDevices) = try await lease.file(waits: waits)
    if routine.needsBench { try await lease.requireDevices() }
    let routine = try await prepared(routine, for: job, file)
    // Where nothing can be measured, jobs share nothing but the processor.
    if !hasDevices, !routine.needsBench { return try await compute(routine, as: job, file) }
    return try await lease.useWhenFree(for: "job \(job.id)", patience: limits.jobPatience, waits: waits) {
      [limits] in
      Task { await interrupt(.idle(limits.jobPatience)) }
    } _: { bench in
      job.begin()
      store.save(job)
      let recorder = RunRecorder(of: job.summary, in: job.directory, file: bench.file, clock: store.clock) {
        job.append(.log($0))
      }
      defer { recorder.close() }
      let bench = bench.recorded(by: recorder)
      let host = host(of: job, bench.file, bench)
      await bench.unit.observe { job.follow($0) }
      let outcome: Result<JSONValue, any Error>
      do {
        outcome = .success(
          try await bench.whileRunning(log: host.log) {
            try host.checkCancellation()
            return try await routine.result(in: host)
          })
      } catch {
        outcome = .failure(error)
      }
      await bench.unit.observe(nil)
      return try outcome.get()
    }
  }

  private func compute(
    _ routine: any JobRoutine, as job: Job, _ file: BenchFile
  ) async throws -> JSONValue {
    job.begin()
    store.save(job)
    return try await routine.result(in: host(of: job, file, nil))
  }

  private func host(of job: Job, _ file: BenchFile, _ equipment: BenchEquipment?) -> DaemonHost {
    DaemonHost(
      job: job, file: file, equipment: equipment, threads: threads, shelf: shelf, store: calibrations,
      frameBytes: limits.frameBytes)
  }

  /// The routine with the job's files read. A daemon that ends over that leaves a trace of it, so that the job does not end all
  /// daemons to come.
  private func prepared(
    _ routine: any JobRoutine, for job: Job, _ file: BenchFile
  ) async throws -> any JobRoutine {
    job.beginPreparing()
    store.save(job)
    do {
      let prepared = try await routine.prepared(JobPreparation(file: file, runs: store.folder, job: job))
      job.endPreparing()
      store.save(job)
      return prepared
    } catch {
      job.endPreparing()
      throw error is FilesError ? ServiceError(.fileUnusable, "\(error)") : error
    }
  }

  /// What becomes of a job that was stopped before its end.
  private func interrupted(_ job: Job) {
    switch job.stop() {
    case .ends(let end): finish(job, end)
    case .waits: store.save(job)
    }
  }

  /// Writes how a job has ended, once.
  func finish(_ job: Job, _ end: JobEnd) {
    job.end(end) { keep($0) }
    let summary = job.summary
    store.logger.info("job \(job.id): \(summary.state)\(summary.message.map { ": \($0)" } ?? "")")
  }

  /// Writes how a job has ended. A calibration comes into force with that, or not at all.
  private func keep(_ record: JobRecord) -> (end: JobEnd, isKept: Bool) {
    let (id, summary) = (record.summary.id, record.summary)
    let end = JobEnd(record)
    let failure = store.write(record)
    if let failure, summary.state == .succeeded, calibrations.isPrepared(by: id) {
      calibrations.discard(run: id)
      let reason = ServiceError(.calibrationNotKept, "calibrated, but that cannot be kept: \(failure)")
      return (JobEnd(state: .failed, reason: reason), false)
    }
    if summary.state == .succeeded { calibrations.publish(run: id) } else { calibrations.discard(run: id) }
    return (end, failure == nil)
  }
}
