import Arrays

/// Anything that answers the one question of an optical denoising unit: which intensity reaches the detector when these
/// layers and these images are on the beam. The bench answers by measuring, the twin by computing.
public protocol OpticalUnit: Sendable {
  /// The detector intensity for each input, and how it came about.
  ///
  /// - Parameters:
  ///   - layers: phases in radians, `[layers, grid, grid]`.
  ///   - inputs: images with values in 0…1, `[batch, size, size]`.
  ///   - block: grid samples along each side of one detector sample; the unit's own when nil.
  /// - Returns: intensities `[batch, height/block, width/block]`.
  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured
}

extension OpticalUnit {
  /// The intensities of ``measure(layers:inputs:block:)`` alone, for whom it does not matter how they came about.
  public func intensities(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Stack<Float> {
    try await measure(layers: layers, inputs: inputs, block: block).intensities
  }
}
