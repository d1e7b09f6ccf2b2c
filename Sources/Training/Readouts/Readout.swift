import Arrays
import Optics

/// Turns detector intensities into signed numbers.
///
/// The parameters live here, one readout per layer set. A further kind of readout is one file with a conforming type and its
/// ``ReadoutKind``, and a line in ``ReadoutCatalogue``.
public protocol Readout: Sendable {
  /// The trainable parameters, flat.
  var parameters: [Float] { get set }

  /// Whether the readout takes statistics of each batch, which are fixed after training.
  static var needsStatistics: Bool { get }

  /// What intensities are centred on and divided by; those of each batch when nil. Only for a readout that needs them.
  var statistics: ReadoutStatistics? { get set }

  /// A copy that keeps the statistics of these intensities; itself when it needs none.
  func freezing(on intensities: Stack<Float>) -> Self

  /// The size of the output for a detector of `height × width` samples; nil where the readout cannot use such a detector.
  func outputShape(height: Int, width: Int) -> (height: Int, width: Int)?

  /// - Parameter intensities: `[batch, height, width]`, of a size that ``outputShape(height:width:)`` accepts.
  func forward<Scalar: OpticsScalar>(_ intensities: Stack<Scalar>) -> ReadoutPass<Scalar>
}

/// Fixed statistics of intensities.
public struct ReadoutStatistics: Sendable, Codable, Equatable {
  /// Per pixel.
  public var mean: [Float]
  /// One for all pixels.
  public var scale: Float

  public init(mean: [Float], scale: Float) { (self.mean, self.scale) = (mean, scale) }
}

/// A readout that reads every image by itself.
extension Readout {
  public static var needsStatistics: Bool { false }
  public var statistics: ReadoutStatistics? {
    get { nil }
    set { precondition(newValue == nil, "this readout takes no statistics") }
  }
  public func freezing(on intensities: Stack<Float>) -> Self { self }
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
