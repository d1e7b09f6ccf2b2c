import Arrays
import Devices
import Lending
import Measuring

/// A bench that measures for someone who gives way as soon as anyone else wants it.
struct YieldingUnit: OpticalUnit {
  let unit: any BenchUnit
  let lease: BenchLease

  /// - Throws: `CancellationError` when someone waits.
  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    if await lease.isAwaited { throw CancellationError() }
    return try await unit.measure(layers: layers, inputs: inputs, block: block)
  }
}

extension BenchEquipment {
  /// Measures, and leaves on the panels what was there before.
  func leftAsFound<Value: Sendable>(
    _ live: LiveView, _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    let shown = modulators.compactMap { modulator in
      live.shown(on: modulator.description.name)?.pattern.map { (modulator.description.name, $0) }
    }
    // A request does not wait for devices that are gone, and neither does this.
    await unit.observe(nil)
    let outcome: Result<Value, any Error>
    do {
      try await unit.start()
      outcome = .success(try await body())
    } catch {
      outcome = .failure(error)
    }
    // A task of its own: who is cancelled leaves the panels as they were, too.
    let left = await Task { [self, live] in
      guard let (name, pattern) = shown.first else { return try await unit.stop() }
      try await instrument(live).show(pattern, on: name, beside: shown.dropFirst().first?.1)
    }.result
    let value = try outcome.get()
    try left.get()
    return value
  }
}
