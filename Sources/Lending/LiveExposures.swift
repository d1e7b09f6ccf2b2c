import ServiceCore
import ServiceLifecycle

/// Exposes frames of a bench that nobody uses, as long as somebody follows the camera.
package struct LiveExposures: Service {
  private let lease: BenchLease
  private let live: LiveView
  private let clock: ServiceClock

  package init(lease: BenchLease, live: LiveView, clock: ServiceClock) {
    (self.lease, self.live, self.clock) = (lease, live, clock)
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      do {
        while true {
          let seen = live.changes.count
          guard live.isFollowed else {
            try await live.changes.wait(after: seen)
            continue
          }
          let began = clock.uptime()
          // What goes wrong here goes wrong for whoever uses the bench next, and is said there.
          _ = try? await lease.glance(for: "the live view") { try await $0.instrument(live).frame() }
          try await clock.sleep(max(0.02, Self.interval - (clock.uptime() - began)))
        }
      } catch {}
    }
  }

  /// Seconds between two frames.
  private static let interval = 0.2
}
