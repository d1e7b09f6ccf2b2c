import Arrays
import Catalogues
import Concurrency
import Optics
import Twin

/// Training on the twin alone; what is learnt is then deployed on the bench.
public struct OfflineTrainer: Trainer {
  public static let declaration = Declaration("offline", "on the twin alone, which costs no frames")
  public static let usesBench = false

  private let twin: Twin<Float>
  private var tape: Tape<Float>?

  public init(_ setup: TrainerSetup) { twin = setup.twin }

  public var refined: TwinParameters? { nil }
  public var state: NoTrainerState { NoTrainerState() }
  public mutating func restore(_ state: NoTrainerState) {}

  public mutating func step(_ task: TrainingTask) async throws -> LayerStep {
    let (twin, old) = (twin, tape)
    let tape = try await computing { try twin.record(layers: task.set.phases, inputs: task.inputs, tape: old) }
    self.tape = tape
    return try await LayerStep(Observation(intensities: tape.intensities, tape: tape), of: task, through: twin)
  }
}
