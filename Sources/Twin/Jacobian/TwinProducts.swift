import Arrays
import Optics

/// How a twin changes along a direction, by names: how fast each parameter does, in its unit, and the source's map.
package struct TwinDirection: Sendable {
  package var parameters: [String: Double]
  package var map: SourceMap?

  package init(parameters: [String: Double] = [:], map: SourceMap? = nil) {
    (self.parameters, self.map) = (parameters, map)
  }
}

/// Products of the derivatives of frames with vectors: J·v by one tangent that travels with the light, Jᵀ·w by one adjoint that travels
/// back. No column is formed, so that neither time nor memory grows with the number of coefficients of a map.
///
/// Made once for a twin. A frame that was prepared may be used by one thread at a time.
package struct TwinProducts<Scalar: OpticsScalar>: Sendable {
  private let twin: Twin<Scalar>
  private let ofRegistration: Bool

  /// One frame, with what the light is on its way.
  package final class Frame: @unchecked Sendable {
    /// The detector's samples.
    package var samples: [Scalar] { tape.intensities.values }
    let tape: Tape<Scalar>
    let work: JacobianWorkspace<Scalar>

    init(tape: Tape<Scalar>, work: JacobianWorkspace<Scalar>) { (self.tape, self.work) = (tape, work) }
  }

  /// What a direction changes on its way; made once for all frames.
  package struct Tangent: Sendable {
    fileprivate let effect: ParameterEffect<Scalar>
  }

  /// - Parameter names: the parameters of the directions.
  /// - Throws: ``TwinError/unknownParameter(_:known:)``, or what ``Twin/with(_:)`` throws.
  package init(_ twin: Twin<Scalar>, of names: [String]) throws(TwinError) {
    self.twin = try twin.with(twin.parameters.freeing(names))
    ofRegistration = DetectorVariables.Index.allCases.contains { $0.isRegistration && names.contains($0.parameterName) }
  }

  /// Computes a frame.
  package func frame(layers: Stack<Scalar>, input: Stack<Scalar>, block: Int? = nil) throws(TwinError) -> Frame {
    let frame = Frame(
      tape: try twin.record(layers: layers, inputs: input, block: block), work: JacobianWorkspace(twin))
    _ = JacobianFrame.with(frame.tape, of: twin, frame.work) { light, seen in
      light.prepare(seen, ofRegistration: ofRegistration)
    }
    return frame
  }

  package func tangent(along direction: TwinDirection) -> Tangent {
    let speeds = direction.parameters.map { (twin.parameters.index(of: $0.key), $0.value) }
    return Tangent(
      effect: ParameterEffect(
        twin, along: Direction(speeds: Dictionary(uniqueKeysWithValues: speeds), map: direction.map)))
  }

  /// How fast every sample of a frame changes.
  package func product(_ tangent: Tangent, _ frame: Frame) -> [Scalar] {
    JacobianFrame.with(frame.tape, of: twin, frame.work) { light, seen in
      light.begin()
      return light.samples(tangent.effect, seen)
    } ?? []
  }

  /// The derivatives of Σ w·I over the samples of a frame, by every parameter of the names and by the map.
  package func transposedProduct(_ weights: [Scalar], _ frame: Frame) throws(TwinError) -> TwinDirection {
    var slope = frame.tape.intensities
    slope.values = weights
    let hasMap = twin.description.source.map != nil
    let gradient = try twin.gradient(
      frame.tape, intensityGradient: slope, ofParameters: true, ofSourceMap: hasMap)
    return TwinDirection(parameters: gradient.parameters, map: gradient.sourceMap)
  }
}
