import Foundation

/// Where the service takes its time from.
public struct ServiceClock: Sendable {
  /// Seconds on a clock that never jumps.
  public var uptime: @Sendable () -> Double
  /// The date for records.
  public var date: @Sendable () -> Date

  public init(uptime: @escaping @Sendable () -> Double, date: @escaping @Sendable () -> Date) {
    self.uptime = uptime
    self.date = date
  }

  /// The clock of the machine.
  public static let system = ServiceClock(uptime: { ProcessInfo.processInfo.systemUptime }, date: { Date() })
}
