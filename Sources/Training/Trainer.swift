import Arrays
import Concurrency
import Measuring
import Optics
import Twin

/// Where the output of a training step comes from and which twin differentiates it: the one thing in which the paper's
/// three trainers differ (section 4.3, figure 7).
public protocol Trainer: Sendable {
  /// The present twin.
  var twin: Twin<Float> { get }

  /// The outputs for a batch and the twin's record of the same computation.
  mutating func observe(layers: Stack<Float>, inputs: Stack<Float>) async throws -> Observation

  /// What the trainer has learnt about the bench; nil when it learns nothing.
  var refinementState: TwinRefinement.State? { get }

  /// Goes on from where such a trainer stood.
  mutating func restore(_ state: TwinRefinement.State) throws
}

extension Trainer {
  public var refinementState: TwinRefinement.State? { nil }
  public mutating func restore(_ state: TwinRefinement.State) throws {}
}

/// The outputs of a batch.
public struct Observation: Sendable {
  /// Detector intensities to which the loss is applied, from twin or bench.
  public var intensities: Stack<Float>
  /// The twin's computation of the same batch.
  public var tape: Tape<Float>
  /// What the twin's intensities are to be multiplied by to be on the scale of `intensities`.
  public var gain: Float
  /// How far twin and bench differ on this batch; nil when only the twin was asked.
  public var discrepancy: Discrepancy?
  /// Frames taken from the bench.
  public var frames: Int
}

/// Training on the twin alone; what is learnt is then deployed on the bench.
public struct OfflineTrainer: Trainer {
  public let twin: Twin<Float>
  private var tape: Tape<Float>?

  public init(twin: Twin<Float>) { self.twin = twin }

  public mutating func observe(layers: Stack<Float>, inputs: Stack<Float>) async throws -> Observation {
    let (twin, old) = (twin, tape)
    let tape = try await computing { try twin.record(layers: layers, inputs: inputs, tape: old) }
    self.tape = tape
    return Observation(intensities: tape.intensities, tape: tape, gain: 1, discrepancy: nil, frames: 0)
  }
}

/// The bench's output, differentiated through a twin that stays as it is: physics-aware training (Wright et al. 2022), the
/// paper's "experimental backpropagation".
public struct FrozenTwinTrainer: Trainer {
  public let twin: Twin<Float>
  private let bench: any OpticalUnit
  private var tape: Tape<Float>?

  public init(twin: Twin<Float>, bench: any OpticalUnit) {
    self.twin = twin
    self.bench = bench
  }

  public mutating func observe(layers: Stack<Float>, inputs: Stack<Float>) async throws -> Observation {
    let (twin, old) = (twin, tape)
    let measured = try await bench.intensities(layers: layers, inputs: inputs, block: nil)
    let tape = try await computing { try twin.record(layers: layers, inputs: inputs, tape: old) }
    self.tape = tape
    return Observation(measured: measured, tape: tape)
  }
}

/// The bench's output, differentiated through a twin that is refined on every batch: the paper's online learning.
///
/// Twin and layers have separate losses: the task's gradient never reaches the twin's parameters, and the twin's loss never
/// moves a layer.
public struct OnlineTrainer: Trainer {
  public private(set) var twin: Twin<Float>
  public private(set) var refinement: TwinRefinement
  private let bench: any OpticalUnit
  private var tape: Tape<Float>?

  /// - Parameters:
  ///   - twin: differentiates the task; it takes over the parameters that the refinement finds.
  ///   - refinement: refines a twin of the same bench, which may be sampled more finely.
  public init(twin: Twin<Float>, refinement: TwinRefinement, bench: any OpticalUnit) {
    self.twin = twin
    self.refinement = refinement
    self.bench = bench
  }

  public var refinementState: TwinRefinement.State? { refinement.state }

  public mutating func restore(_ state: TwinRefinement.State) throws {
    try refinement.restore(state)
    twin = try twin.with(refinement.twin.parameters)
  }

  public mutating func observe(layers: Stack<Float>, inputs: Stack<Float>) async throws -> Observation {
    let fine = try await bench.intensities(layers: layers, inputs: inputs, block: 1)
    let (refinement, twin, old) = (refinement, twin, tape)
    let (refined, moved, tape) = try await computing {
      var next = refinement
      try next.refine(layers: layers, inputs: inputs, measured: fine)
      let moved = try twin.with(next.twin.parameters)
      return (next, moved, try moved.record(layers: layers, inputs: inputs, tape: old))
    }
    self.refinement = refined
    self.twin = moved
    self.tape = tape
    return Observation(measured: fine.pooled(by: twin.description.detector.block), tape: tape)
  }
}

extension Observation {
  /// A measured batch beside the twin's: the gain is the best one for the whole batch.
  init(measured: Stack<Float>, tape: Tape<Float>) {
    var product = 0.0
    var square = 0.0
    for (computed, measured) in zip(tape.intensities.values, measured.values) {
      product += Double(computed * measured)
      square += Double(computed * computed)
    }
    self.init(
      intensities: measured, tape: tape, gain: square > 0 ? Float(product / square) : 1,
      discrepancy: Discrepancy(tape.intensities, measured), frames: measured.count)
  }
}
