import Jobs
import Lending
import ServiceCore
import ServiceLifecycle

/// Tells the service manager that the control loop makes progress, and takes the bench from whoever does nothing with it.
///
/// The watchdog is fed only when the queue, the lease and the bench answer and, while the bench measures, frames have come
/// since the last time; a bench that waits for a device to come back is in order.
struct Heartbeat: Service {
  let manager: ServiceManager
  let supervisor: BenchSupervisor
  let queue: JobQueue
  let lease: BenchLease
  let live: LiveView
  let clock: ServiceClock

  func run() async throws {
    await cancelWhenGracefulShutdown {
      do {
        let interval = min(1, (manager.watchdog ?? 2) / 2)
        var last: Pulse?
        var text = ""
        while true {
          let pulse = await pulse()
          if pulse.isWaiting || last?.work != pulse.work { await lease.renew() } else { await lease.expire() }
          if pulse.getsOn(since: last) { manager.alive() }
          await queue.settle()
          let status = await status()
          if status != text { manager.status(status) }
          (last, text) = (pulse, status)
          try await clock.sleep(interval)
        }
      } catch {}
    }
    manager.stopping()
  }

  private struct Pulse {
    /// Grows with every frame and with everything that the running job reports.
    var work: Int
    var isMeasuring: Bool
    var isWaiting: Bool

    func getsOn(since last: Pulse?) -> Bool {
      guard let last, isMeasuring, last.isMeasuring, !isWaiting else { return true }
      return work != last.work
    }
  }

  private func pulse() async -> Pulse {
    let (activity, running) = (await queue.activity, await queue.running)
    _ = await lease.holder
    // Frames that are rejected are a sign of life, too.
    let frames = await lease.equipment?.unit.frameCounts.values.reduce(0, +) ?? 0
    return Pulse(
      work: live.numbers + frames + (activity ?? 0), isMeasuring: live.isMeasuring, isWaiting: running?.state == .paused
    )
  }

  private func status() async -> String {
    if let absence = await supervisor.absence { return "degraded: \(absence)" }
    guard let job = await queue.running else { return "ready" }
    let progress = job.progress.map { ", \($0.phase) \($0.completed) of \($0.total)" } ?? ""
    return "job \(job.id) \(job.state)\(progress)"
  }
}
