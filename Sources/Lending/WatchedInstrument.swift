import Devices

/// The devices of a bench as jobs get them for raw steps: what is done can be looked at by others, and is recorded.
struct WatchedInstrument: RawBench {
  let instrument: BenchInstrument
  /// Writes down what is taken.
  let recorder: RunRecorder?

  var facts: CameraFacts { get async { await instrument.facts } }

  func take(_ step: RawStep) async throws -> RawFrames {
    let taken = try await instrument.take(step)
    recorder?.add(step, taken, camera: await facts, panels: instrument.modulators.map(\.description))
    return taken
  }

  func finish() async throws { try await instrument.finish() }
}

extension BenchEquipment {
  /// The devices for raw steps. Nil for a bench that is not watched, as in the process of a command.
  package var rawBench: (any RawBench)? {
    guard let unit = unit as? WatchedUnit else { return nil }
    return WatchedInstrument(instrument: instrument(unit.live), recorder: unit.recorder)
  }
}
