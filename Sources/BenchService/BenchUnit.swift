import Devices
import Optics

/// An optical unit that must be started before it measures.
public protocol BenchUnit: OpticalUnit {
  /// Makes the bench ready to measure; nothing when it is.
  func start() async throws

  /// Ends measuring and leaves the safe patterns on the modulators.
  func stop() async throws

  /// What became of the camera's frames: how many were accepted, and how many not, for each reason.
  var frameCounts: [String: Int] { get async }
}

extension Bench: BenchUnit {
  public var frameCounts: [String: Int] { report.counts }
}

extension BenchUnit {
  public var frameCounts: [String: Int] { [:] }
}
