import Dispatch

/// Runs blocking computation on a thread of its own, so that the tasks of the cooperative pool (clients, timers, devices)
/// go on meanwhile.
public func computing<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global(qos: .userInitiated).async {
      continuation.resume(with: Swift.Result(catching: body))
    }
  }
}
