import Devices

extension BenchEquipment {
  /// Whether the bench begins again with every daemon, as one does whose answers follow from its clock alone.
  package var startsOver: Bool { clock is any RestartableClock }

  /// Brings a running bench to a state that another process can make again, and returns the time of it, when its clock can
  /// be set as that of a simulated bench can. Otherwise nothing happens and nothing is returned: it waits as it is.
  package func rest() async throws -> UInt64? {
    guard let clock = clock as? any RestartableClock else { return nil }
    try await unit.stop()
    let time = clock.rest()
    try await unit.start()
    return time
  }

  /// Makes a running bench what it was at a time at which it was at rest.
  package func resume(at time: UInt64?) async throws {
    guard let time, let clock = clock as? any RestartableClock else { return }
    try await unit.stop()
    clock.restart(at: time)
    try await unit.start()
  }
}
