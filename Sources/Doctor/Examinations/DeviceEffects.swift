import BenchAPI

extension Patient {
  /// What devices warn of by that name.
  func effects(_ kind: String, advice: String) -> [Diagnosis] {
    devices.flatMap { device in
      (device.effects ?? []).filter { $0.kind == kind }.map { effect in
        Diagnosis(1, "\(device.name): \(effect.words)", advice: advice)
      }
    }
  }
}
