import Devices
import Optics

/// An optical unit that must be started before it measures.
public protocol BenchUnit: OpticalUnit {
  /// Makes the bench ready to measure; nothing when it is.
  func start() async throws

  /// Ends measuring and leaves the safe patterns on the modulators.
  func stop() async throws
}

extension Bench: BenchUnit {}
