import Dispatch

/// Runs blocking computation on a thread of its own, so that the tasks of the cooperative pool (clients, timers, devices)
/// continue meanwhile. `body` belongs to the calling task: it sees its cancellation.
public func computing<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withTaskExecutorPreference(ComputingExecutor.shared) { try body() }
}

private final class ComputingExecutor: TaskExecutor {
  static let shared = ComputingExecutor()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    DispatchQueue.global(qos: .userInitiated).async {
      job.runSynchronously(on: self.asUnownedTaskExecutor())
    }
  }
}
