import Simulated

extension BenchEquipment {
  /// Brings a running simulated bench to a state that another process can make again, and returns the time of it. On a
  /// bench that exists nothing happens and nothing is returned: it waits as it is.
  package func rest() async throws -> UInt64? {
    guard let clock = clock as? VirtualClock else { return nil }
    try await unit.stop()
    let time = clock.rest()
    try await unit.start()
    return time
  }

  /// Makes a running simulated bench what it was at a time at which it was at rest.
  package func resume(at time: UInt64?) async throws {
    guard let time, let clock = clock as? VirtualClock else { return }
    try await unit.stop()
    clock.restart(at: time)
    try await unit.start()
  }
}
