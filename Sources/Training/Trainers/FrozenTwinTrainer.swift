import Arrays
import Catalogues
import Concurrency
import Measuring
import Optics
import Twin

/// The bench's output, differentiated through a twin that stays as it is: physics-aware training (Wright et al. 2022), the
/// paper's "experimental backpropagation".
public struct FrozenTwinTrainer: Trainer {
  public static let declaration = Declaration(
    "pat", "on the bench, through a twin that stays as it is (physics-aware training)")
  public static let usesBench = true

  private let twin: Twin<Float>
  private let bench: any OpticalUnit
  private var tape: Tape<Float>?

  public init(_ setup: TrainerSetup) throws { (twin, bench) = (setup.twin, try setup.requireBench()) }

  public var refined: TwinParameters? { nil }
  public var state: NoTrainerState { NoTrainerState() }
  public mutating func restore(_ state: NoTrainerState) {}

  public mutating func step(_ task: TrainingTask) async throws -> LayerStep {
    let (twin, old) = (twin, tape)
    let measured = try await bench.intensities(layers: task.set.phases, inputs: task.inputs, block: nil)
    let tape = try await computing { try twin.record(layers: task.set.phases, inputs: task.inputs, tape: old) }
    self.tape = tape
    return try await LayerStep(Observation(measured: measured, tape: tape), of: task, through: twin)
  }
}
