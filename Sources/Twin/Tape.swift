import Arrays
import Optics

/// What a forward computation keeps for its gradient: the field after every layer and at the detector, for each input.
///
/// A tape may be handed to ``Twin/record(layers:inputs:block:tape:)`` again, which reuses its memory when the sizes agree.
public final class Tape<Scalar: OpticsScalar>: @unchecked Sendable {
  /// Mean intensities, `[batch, height, width]` of the detector.
  public internal(set) var intensities: Stack<Scalar>
  let inputs: Stack<Scalar>
  let detector: Detector
  /// e^(iφ) of every layer with its ramp, `[layers, side, side]` complex.
  let phasors: AlignedBuffer<Scalar>
  /// `[batch, layers, side, side]` complex.
  let layerFields: AlignedBuffer<Scalar>
  /// `[batch, side, side]` complex.
  let detectorFields: AlignedBuffer<Scalar>

  init(
    inputs: Stack<Scalar>, detector: Detector, phasors: AlignedBuffer<Scalar>, layers: Int, side: Int,
    reusing old: Tape?
  ) {
    self.inputs = inputs
    self.detector = detector
    self.phasors = phasors
    intensities = Stack(count: inputs.count, height: detector.height, width: detector.width)
    func buffer(_ count: Int, _ candidate: AlignedBuffer<Scalar>?) -> AlignedBuffer<Scalar> {
      if let candidate, candidate.count == count { return candidate }
      return AlignedBuffer(count: count)
    }
    layerFields = buffer(2 * inputs.count * layers * side * side, old?.layerFields)
    detectorFields = buffer(2 * inputs.count * side * side, old?.detectorFields)
  }
}

/// The gradient of a real loss by what a twin depends on.
public struct TwinGradient<Scalar: OpticsScalar>: Sendable {
  /// ∂L/∂φ, `[layers, grid, grid]`.
  public var layers: Stack<Scalar>
  /// ∂L/∂θ by parameter name; empty unless asked for.
  public var parameters: [String: Double]
}
