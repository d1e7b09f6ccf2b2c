import Arrays
import Optics

/// Turns detector intensities into signed numbers.
///
/// The parameters live here, one readout per layer set; a further kind of readout is one more file that conforms.
public protocol Readout: Sendable {
  /// The trainable parameters, flat.
  var parameters: [Float] { get set }

  /// The size of the output for a detector of `height × width` samples; nil where the readout cannot use such a detector.
  func outputShape(height: Int, width: Int) -> (height: Int, width: Int)?

  /// - Parameter intensities: `[batch, height, width]`, of a size that ``outputShape(height:width:)`` accepts.
  func forward<Scalar: OpticsScalar>(_ intensities: Stack<Scalar>) -> ReadoutPass<Scalar>
}

extension Readout {
  public func outputShape(height: Int, width: Int) -> (height: Int, width: Int)? { (height, width) }
}

/// One use of a readout.
public struct ReadoutPass<Scalar: OpticsScalar>: Sendable {
  /// Signed values, `[batch, height, width]`.
  public let output: Stack<Scalar>
  /// From ∂L/∂output to ∂L/∂intensity and ∂L/∂parameters.
  public let pullback: @Sendable (_ gradient: Stack<Scalar>) -> (intensities: Stack<Scalar>, parameters: [Scalar])

  public init(
    output: Stack<Scalar>,
    pullback: @escaping @Sendable (Stack<Scalar>) -> (intensities: Stack<Scalar>, parameters: [Scalar])
  ) {
    self.output = output
    self.pullback = pullback
  }
}
