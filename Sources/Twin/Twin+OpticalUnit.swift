import Arrays
import Concurrency
import Optics

extension Twin: OpticalUnit where Scalar == Float {
  /// What the detector would see: ``forward(layers:inputs:block:)`` off the cooperative pool.
  public func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Stack<Float> {
    try await computing { try forward(layers: layers, inputs: inputs, block: block) }
  }
}
