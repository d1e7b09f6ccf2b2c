import Lending
import ServiceCore
import ServiceLifecycle

/// Tells when it is known whether there is a bench, or when that takes so long that the service should be called ready
/// without it: a service manager takes a service that is not ready for one that hangs.
struct Settling: Service {
  let supervisor: BenchSupervisor
  let clock: ServiceClock
  let onSettled: @Sendable () -> Void

  /// Seconds, less than `TimeoutStartSec` of the unit.
  private static let patience = 60.0

  func run() async throws {
    await cancelWhenGracefulShutdown {
      try? await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await supervisor.settle() }
        tasks.addTask { try await clock.sleep(Self.patience) }
        defer { tasks.cancelAll() }
        try await tasks.next()
      }
    }
    if !Task.isShuttingDownGracefully { onSettled() }
    // A service that ends would end the others.
    try? await gracefulShutdown()
  }
}
