import Foundation

/// Where the service takes its time from.
public struct ServiceClock: Sendable {
  /// Seconds on a clock that never jumps.
  public var uptime: @Sendable () -> Double
  /// The date for records.
  public var date: @Sendable () -> Date
  /// Waits for some seconds.
  public var sleep: @Sendable (Double) async throws -> Void

  public init(
    uptime: @escaping @Sendable () -> Double, date: @escaping @Sendable () -> Date,
    sleep: @escaping @Sendable (Double) async throws -> Void = { try await Task.sleep(for: .seconds($0)) }
  ) {
    self.uptime = uptime
    self.date = date
    self.sleep = sleep
  }

  /// The clock of the machine.
  public static let system = ServiceClock(uptime: { ProcessInfo.processInfo.systemUptime }, date: { Date() })
}
