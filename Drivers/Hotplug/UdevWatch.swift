import Concurrency
import Devices
import Glibc

/// Notices through udev when devices of a bench come and go.
///
/// Where udev runs, a change is reported after its rules, when the device's node, links and permissions are in place. Where it
/// does not, the kernel's own announcements are used, and where those cannot be had either, only the time passes.
public final class UdevWatch: DeviceWatch {
  /// Who announces the changes.
  public enum Source: String, Sendable {
    case udev, kernel
    /// Nobody.
    case none
  }

  public let source: Source
  private let signal = ChangeSignal()
  private let clock: any BenchClock
  private let own: ChangeListener
  private let monitor: UdevMonitor?

  /// - Parameters:
  ///   - clock: the clock of the bench.
  ///   - log: is called once when there is no udev, and when the announcements end.
  public convenience init(
    clock: any BenchClock = MonotonicClock(), log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.init(filters: UdevFilter.bench, udevRuns: Self.udevRuns, clock: clock, log: log)
  }

  package init(
    filters: [UdevFilter], udevRuns: Bool, clock: any BenchClock = MonotonicClock(),
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.clock = clock
    own = ChangeListener(to: signal, clock: clock)
    let wanted = udevRuns ? Source.udev : .kernel
    monitor = UdevMonitor(source: wanted.rawValue, filters: filters, log: log) { [signal] in signal.raise() }
    source = monitor == nil ? .none : wanted
    switch source {
    case .udev: break
    case .kernel: log("udev does not run here; devices are noticed through the kernel, before any rules apply to them")
    case .none: log("neither udev nor the kernel announces devices here; their return is noticed by trying")
    }
  }

  /// Whether a udev daemon runs on this machine.
  public static var udevRuns: Bool { access("/run/udev/control", F_OK) == 0 }

  /// The number of changes so far.
  package var changes: UInt64 { signal.count }

  public func waitForChange(until deadline: UInt64) async throws {
    try await own.waitForChange(until: deadline)
  }

  /// A watch for another party, which receives the changes from now on. It works as long as this one exists.
  public func listener() -> ChangeListener { ChangeListener(to: signal, clock: clock) }
}
