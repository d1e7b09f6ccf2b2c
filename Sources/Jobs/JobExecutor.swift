import Dispatch

/// The thread on which jobs compute, so that a job that does not yield never holds up a request.
final class JobExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "odud.jobs")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
