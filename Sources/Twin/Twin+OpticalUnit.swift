import Arrays
import Concurrency
import Measuring
import Optics

extension Twin: OpticalUnit where Scalar == Float {
  /// What the detector would see: ``forward(layers:inputs:block:)`` off the cooperative pool.
  public func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    Measured(
      intensities: try await computing { try forward(layers: layers, inputs: inputs, block: block) },
      saturation: description.detector.saturation.map { Float($0) })
  }
}
