import BenchAPI
import BenchClient

/// Why a job that was waited for did not succeed.
enum JobFailure: Error, CustomStringConvertible {
  case failed(kind: String, cause: String?, message: String)
  case cancelled(kind: String)
  case lost(kind: String)
  case outage(seconds: Int64, reason: String)

  var description: String {
    switch self {
    case .failed(let kind, _, let message): "\(kind): \(message)"
    case .cancelled(let kind): "\(kind): the job was cancelled"
    case .lost(let kind): "\(kind): the daemon ended before the job did"
    case .outage(let seconds, let reason):
      "the daemon did not come back within \(seconds) s; the job may continue there, see odu-ctl jobs (\(reason))"
    }
  }
}

extension BenchClient {
  /// How long a command waits for a daemon that is being restarted.
  static let restartPatience = Duration.seconds(120)

  /// Submits a job and shows its progress on standard error until it has ended. When the surrounding task is cancelled, so
  /// is the job.
  ///
  /// - Parameter bar: what shows it.
  /// - Throws: ``JobFailure`` unless the job succeeded.
  func perform(
    _ request: JobRequest, patience: Duration = restartPatience, on bar: ProgressBar = ProgressBar()
  ) async throws -> JobSummary {
    let job = try await submit(request)
    do {
      return try await follow(job.id, patience: patience, on: bar)
    } catch is CancellationError {
      await withdraw(job)
      throw CancellationError()
    }
  }

  private func withdraw(_ job: JobSummary) async {
    await Task.detached {
      do {
        _ = try await cancel(job.id)
      } catch let error as BenchClientError where error.isOutage {
        StandardError.note(
          "job \(job.id) was not cancelled, because the daemon does not answer: it may continue when a daemon runs again"
        )
      } catch {
        // It has ended by itself.
      }
    }.value
  }

  /// Shows the progress of a job until it has ended, across restarts of the daemon.
  func follow(
    _ id: String, patience: Duration = restartPatience, on bar: ProgressBar = ProgressBar()
  ) async throws -> JobSummary {
    var bar = bar
    var seen = 0
    while true {
      let before = seen
      do {
        for try await event in events(of: id, after: seen) {
          seen = max(seen, event.sequence)
          bar.show(event)
        }
      } catch let error as BenchClientError where error.isOutage && patience > .zero {
        // The question below waits for the daemon.
      }
      bar.finishPhase()
      try Task.checkCancellation()
      let job = try await acrossRestarts(patience) { try await self.job(id) }
      switch job.state {
      case .succeeded: return job
      case .failed:
        throw JobFailure.failed(
          kind: job.kind, cause: job.cause, message: job.message ?? "the job failed")
      case .cancelled: throw JobFailure.cancelled(kind: job.kind)
      case .queued, .running, .paused:
        guard patience > .zero else { throw JobFailure.lost(kind: job.kind) }
        // A daemon that is ending still answers.
        if seen == before { try await Task.sleep(for: Self.pause) }
      }
    }
  }

  /// Does something that may be done again, as often as it takes until the daemon answers.
  func acrossRestarts<Value>(
    _ patience: Duration = restartPatience, _ body: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await body()
    } catch let error as BenchClientError where error.isOutage && patience > .zero {
      StandardError.note("the daemon does not answer; waiting for it to come back")
    }
    let deadline = ContinuousClock.now + patience
    while true {
      try await Task.sleep(for: Self.pause)
      do {
        let value = try await body()
        StandardError.note("the daemon is back")
        return value
      } catch let error as BenchClientError where error.isOutage {
        guard ContinuousClock.now < deadline else {
          throw JobFailure.outage(seconds: patience.components.seconds, reason: "\(error)")
        }
      }
    }
  }

  private static let pause = Duration.milliseconds(300)
}

extension ProgressBar {
  mutating func show(_ event: JobEvent) {
    switch event.content {
    case .progress(let progress): show(progress)
    case .log(let line): log(line)
    case .state(.paused, let reason, _): log("paused: \(reason ?? "")")
    case .state, .metrics: break
    }
  }
}
