import Arrays
import Measuring

/// An optical unit that must be started before it measures.
public protocol BenchUnit: OpticalUnit {
  /// Makes the bench ready to measure; nothing when it is.
  func start() async throws

  /// Ends measuring and leaves the safe patterns on the modulators.
  func stop() async throws

  /// ``OpticalUnit/measure(layers:inputs:block:)`` with a report of the number of images measured so far.
  func measure(
    layers: Stack<Float>, inputs: Stack<Float>, block: Int?, progress: (@Sendable (Int) -> Void)?
  ) async throws -> Measured

  /// Measures from now on as is known of the bench; nothing where there are no devices to be known. Without a default: a
  /// unit that wraps another has to hand it on.
  ///
  /// - Throws: why that cannot be; the bench then measures as before.
  func adopt(_ knowledge: BenchKnowledge) async throws

  /// Calls `observer` with every new state of the bench from now on; nobody when nil. Only with an observer does the bench
  /// pause for a device that is gone.
  func observe(_ observer: (@Sendable (DeviceState) -> Void)?) async

  /// Has somebody look on from now on; nobody when nil.
  func witness(_ witness: (any BenchWitness)?) async

  /// What became of the camera's frames: how many were accepted, and how many not, for each reason.
  var frameCounts: [String: Int] { get async }
}

extension Bench: BenchUnit {
  public var frameCounts: [String: Int] { report.counts }
}
