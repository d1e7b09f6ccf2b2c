import Arrays

/// Anything that answers the one question of an optical denoising unit: which intensity reaches the detector when these
/// layers and these images are on the beam. The bench answers by measuring, the twin by computing.
public protocol OpticalUnit: Sendable {
  /// The detector intensity for each input.
  ///
  /// - Parameters:
  ///   - layers: phases in radians, `[layers, grid, grid]`.
  ///   - inputs: images with values in 0…1, `[batch, size, size]`.
  ///   - block: grid samples along each side of one detector sample; the unit's own when nil.
  /// - Returns: mean intensities `[batch, height/block, width/block]` of the detector's region. The scale differs between
  ///   units (a camera counts, a twin computes) and is not part of the answer.
  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Stack<Float>

  /// The intensity at which the unit's detector clips; nil when it has no limit.
  var saturation: Float? { get }
}

extension OpticalUnit {
  public var saturation: Float? { nil }
}
