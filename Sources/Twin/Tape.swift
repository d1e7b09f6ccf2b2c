import Arrays
import Concurrency
import Optics

/// What a forward computation keeps for its gradient: the field before every layer and at the detector, for each input.
///
/// A tape may be handed to ``Twin/record(layers:inputs:block:tape:)`` again, which reuses its memory when the sizes agree: a
/// step of the twin in its steady state allocates nothing. Whoever holds a tape sees it change then, so a tape must not be
/// recorded again while its gradient is computed.
public final class Tape<Scalar: OpticsScalar>: @unchecked Sendable {
  /// Mean intensities, `[batch, height, width]` of the detector.
  public internal(set) var intensities: Stack<Scalar>
  /// The commanded phases, `[layers, grid, grid]`: a copy, so that the caller's may be changed in place afterwards.
  let phases: AlignedBuffer<Scalar>
  private let layerCount: Int
  private(set) var inputs: Stack<Scalar>
  private(set) var detector: DetectorShelf<Scalar>.Entry
  /// The transmission of every layer, complex, in the engine's order.
  let transmissions: AlignedBuffer<Scalar>
  /// `[batch, layers]` complex planes in the engine's order.
  let layerFields: AlignedBuffer<Scalar>
  /// `[batch]` complex planes in the engine's order.
  let detectorFields: AlignedBuffer<Scalar>
  /// `[batch, side, side]`.
  let planeIntensities: AlignedBuffer<Scalar>
  /// The engine whose order the planes are in.
  private let engine: any PropagationEngine<Scalar>
  /// The memory of the last gradient.
  private let idleSums = Locked<GradientSums<Scalar>?>(nil)

  init(
    layers: Stack<Scalar>, inputs: Stack<Scalar>, detector: DetectorShelf<Scalar>.Entry,
    engine: any PropagationEngine<Scalar>
  ) {
    self.engine = engine
    phases = AlignedBuffer(count: layers.values.count)
    layerCount = layers.count
    self.inputs = inputs
    self.detector = detector
    intensities = Stack(count: inputs.count, height: detector.detector.height, width: detector.detector.width)
    transmissions = AlignedBuffer(count: 2 * layers.count * engine.planeCount)
    layerFields = AlignedBuffer(count: 2 * inputs.count * layers.count * engine.planeCount)
    detectorFields = AlignedBuffer(count: 2 * inputs.count * engine.planeCount)
    planeIntensities = AlignedBuffer(count: inputs.count * engine.plane.count)
    copy(layers)
  }

  private func copy(_ layers: Stack<Scalar>) {
    layers.values.withUnsafeBufferPointer { values in
      if let base = values.baseAddress { phases.pointer.update(from: base, count: values.count) }
    }
  }

  /// Takes the arrays of another step.
  ///
  /// - Returns: false when they have other sizes.
  func take(
    layers: Stack<Scalar>, inputs: Stack<Scalar>, detector: DetectorShelf<Scalar>.Entry,
    engine: any PropagationEngine<Scalar>
  ) -> Bool {
    guard inputs.count == self.inputs.count, layers.values.count == phases.count, isOf(engine, layers: layers.count),
      intensities.height == detector.detector.height, intensities.width == detector.detector.width
    else { return false }
    copy(layers)
    self.inputs = inputs
    self.detector = detector
    return true
  }

  /// Whether a twin with this engine and this many layers recorded the tape.
  func isOf(_ engine: any PropagationEngine<Scalar>, layers: Int) -> Bool {
    self.engine === engine && layerCount == layers
  }

  /// Lends memory for the sums of a gradient: that of the last one when it suits and no other gradient has it.
  func withSums<Result>(
    _ plan: GradientPlan, groups: Int, _ body: (GradientSums<Scalar>) -> Result
  ) -> Result {
    let idle = idleSums.withLock { $0.take() }
    let sums: GradientSums<Scalar>
    if let idle, idle.suits(plan, groups: groups) {
      sums = idle
    } else {
      sums = GradientSums(plan, groups: groups, layers: layerCount, engine: engine)
    }
    defer { idleSums.withLock { $0 = sums } }
    return body(sums)
  }
}

/// The gradient of a real loss by what a twin depends on.
public struct TwinGradient<Scalar: OpticsScalar>: Sendable {
  /// ∂L/∂φ, `[layers, grid, grid]`.
  public var layers: Stack<Scalar>
  /// ∂L/∂θ by name of every active parameter; empty unless asked for.
  public var parameters: [String: Double]

  public init(layers: Stack<Scalar>, parameters: [String: Double] = [:]) {
    self.layers = layers
    self.parameters = parameters
  }
}
