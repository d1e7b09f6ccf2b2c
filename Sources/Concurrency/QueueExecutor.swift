import Dispatch

/// Runs tasks on a dispatch queue instead of Swift's cooperative pool, so that what computes there for long holds up no other task.
public final class QueueExecutor: TaskExecutor {
  private let queue: DispatchQueue

  public init(_ queue: DispatchQueue) {
    self.queue = queue
  }

  /// One thread at a time, on a queue of its own; `label` is what a debugger calls it.
  public convenience init(label: String) {
    self.init(DispatchQueue(label: label))
  }

  /// Runs a piece of a task on the queue.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
