import Dispatch

/// Runs blocking computation on a thread of its own, so that the tasks of the cooperative pool (clients, timers, devices)
/// continue meanwhile. `body` belongs to the calling task: it sees its cancellation.
public func computing<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withTaskExecutorPreference(computingThreads) { try body() }
}

private let computingThreads = QueueExecutor(.global(qos: .userInitiated))
