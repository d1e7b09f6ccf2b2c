import Arrays
import Optics

/// The derivative of every detector sample by parameters, exact.
///
/// In forward mode: a change begins where its parameter acts, as a multiple of the light that is there, and travels from there on
/// like light does. Where the light is, is computed once for all parameters. Changes of the detector do not travel at all. A column costs
/// as many hops as lie behind its parameter, and one more for each hop that depends on it.
///
/// Made once for a twin, and used for any number of frames, by several threads at a time.
public struct TwinJacobian<Scalar: OpticsScalar>: Sendable {
  /// The parameters, in the order of the columns.
  public let names: [String]
  private let twin: Twin<Scalar>
  private let effects: [ParameterEffect<Scalar>]
  private let ofRegistration: Bool
  private let workspaces: Pool<JacobianWorkspace<Scalar>>

  /// - Throws: ``TwinError/unknownParameter(_:known:)``, or what ``Twin/with(_:)`` throws.
  public init(_ twin: Twin<Scalar>, of names: [String]) throws(TwinError) {
    let twin = try twin.with(twin.parameters.freeing(names))
    self.twin = twin
    self.names = names
    effects = names.map { ParameterEffect(twin, along: Direction(parameter: twin.parameters.index(of: $0))) }
    ofRegistration = effects.contains { $0.detector.contains { $0.variable.isRegistration } }
    workspaces = Pool { JacobianWorkspace(twin) }
  }

  /// One frame and its derivatives.
  ///
  /// - Parameters:
  ///   - layers: phases in radians, `[layers, grid, grid]`.
  ///   - input: the image, `[1, size, size]`.
  ///   - block: grid samples along each side of a detector sample; the description's own when nil.
  /// - Returns: the samples, and for each parameter their derivatives, in the parameter's unit.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func callAsFunction(
    layers: Stack<Scalar>, input: Stack<Scalar>, block: Int? = nil
  ) throws(TwinError) -> (samples: [Scalar], columns: [[Scalar]]) {
    try workspaces.borrow { work in
      Result { () throws(TwinError) in
        let tape = try twin.record(layers: layers, inputs: input, block: block, tape: work.tape)
        work.tape = tape
        return (tape.intensities.values, columns(tape, work))
      }
    }.get()
  }

  /// The same with the light that made the samples, for products.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func lit(
    layers: Stack<Scalar>, input: Stack<Scalar>, block: Int?
  ) throws(TwinError) -> (samples: [Scalar], columns: [[Scalar]], light: DetectedLight<Scalar>) {
    try workspaces.borrow { work in
      Result { () throws(TwinError) in
        let tape = try twin.record(layers: layers, inputs: input, block: block, tape: work.tape)
        work.tape = tape
        let columns = columns(tape, work)
        return (tape.intensities.values, columns, DetectedLight(tape, follows: work.follows))
      }
    }.get()
  }

  private func columns(_ tape: Tape<Scalar>, _ work: JacobianWorkspace<Scalar>) -> [[Scalar]] {
    JacobianFrame.with(tape, of: twin, work) { frame, seen in
      frame.prepare(seen, ofRegistration: ofRegistration)
      return effects.map { frame.samples($0, seen) }
    } ?? names.map { _ in [] }
  }
}

/// The light of one frame on the detector plane.
struct DetectedLight<Scalar: OpticsScalar>: Sendable {
  let detector: DetectorShelf<Scalar>.Entry
  /// Complex, in the engine's order.
  let field: AlignedBuffer<Scalar>
  /// For each sample 1, or 0 where it clips.
  let follows: AlignedBuffer<Scalar>

  fileprivate init(_ tape: Tape<Scalar>, follows: AlignedBuffer<Scalar>) {
    detector = tape.detector
    field = AlignedBuffer(count: tape.detectorFields.count)
    field.pointer.update(from: tape.detectorFields.pointer, count: field.count)
    self.follows = AlignedBuffer(count: tape.intensities.values.count)
    self.follows.pointer.update(from: follows.pointer, count: self.follows.count)
  }
}
