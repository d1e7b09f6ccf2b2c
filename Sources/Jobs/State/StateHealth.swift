import Concurrency
import Files
import Foundation
import ServiceCore

/// Whether the state folder can be written.
package final class StateHealth: Sendable {
  private struct Look {
    var time: Double
    var problem: String?
  }

  private let folder: String
  private let clock: ServiceClock
  private let last = Locked<(look: Look?, isLooking: Bool)>((nil, false))

  /// Seconds for which an answer holds.
  private static let interval = 5.0
  /// Bytes of the disk below which it counts as full.
  private static let reserve = 1 << 20

  package init(folder: String, clock: ServiceClock) {
    self.folder = folder
    self.clock = clock
  }

  /// Why the folder cannot be written; nil when it can.
  package var problem: String? {
    let now = clock.uptime()
    let (known, isDue) = last.withLock { last -> (String?, Bool) in
      let isDue = !last.isLooking && last.look.map { now - $0.time >= Self.interval } ?? true
      if isDue { last.isLooking = true }
      return (last.look?.problem, isDue)
    }
    // A slow disk keeps one who asks waiting, and no others.
    guard isDue else { return known }
    let problem = look()
    last.withLock { $0 = (Look(time: now, problem: problem), false) }
    return problem
  }

  private func look() -> String? {
    var status = statvfs()
    if statvfs(folder, &status) == 0, status.f_blocks > 0 {
      let free = Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
      if free < Self.reserve { return "the disk of the state folder is full: \(free) bytes are left; remove old runs" }
    }
    let probe = folder + "/.health"
    do {
      try AtomicFile.write([1], to: probe)
      unlink(probe)
      return nil
    } catch {
      return "the state folder cannot be written: \(error)"
    }
  }
}
