/// Notices when devices come and go.
public protocol DeviceWatch: Sendable {
  /// Returns when devices have come or gone since the last call, and at the deadline at the latest.
  ///
  /// - Parameter deadline: nanoseconds on the clock of the bench.
  /// - Throws: `CancellationError`.
  func waitForChange(until deadline: UInt64) async throws
}

/// Notices nothing and only lets the time pass.
public struct NoDeviceWatch: DeviceWatch {
  private let clock: any BenchClock

  public init(clock: any BenchClock = MonotonicClock()) { self.clock = clock }

  public func waitForChange(until deadline: UInt64) async throws { try await clock.wait(until: deadline) }
}
