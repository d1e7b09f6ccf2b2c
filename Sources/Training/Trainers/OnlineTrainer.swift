import Arrays
import Catalogues
import Concurrency
import Measuring
import Optics
import Twin

/// The bench's output, differentiated through a twin that is refined on every batch: the paper's online learning.
///
/// Twin and layers have separate losses: the task's gradient never reaches the twin's parameters, and the twin's loss never
/// moves a layer.
public struct OnlineTrainer: Trainer {
  public static let declaration = Declaration(
    "online", "on the bench, through a twin that is refined on every batch",
    parameters: [
      Parameter(
        "refinementRate", .number(0...10),
        "how far the twin's parameters move at first, in units of their scale: about 1 from an unknown alignment",
        standard: .number(0.05)),
      Parameter(
        "refinementEnd", .number(0...1), "what is left of that rate at the end", standard: .number(0.2)),
      Parameter(
        "refinementSampling", .integer(1...4), "samples along each side of a layer pixel of the refined twin",
        standard: .integer(2)),
    ])
  public static let usesBench = true

  private var twin: Twin<Float>
  private var refinement: TwinRefinement
  private let bench: any OpticalUnit
  private var tape: Tape<Float>?

  public init(_ setup: TrainerSetup) throws {
    let options = setup.options
    let rate = CosineRate(peak: options.number("refinementRate"), final: options.number("refinementEnd"))
    twin = setup.twin
    bench = try setup.requireBench()
    refinement = try TwinRefinement(
      twin: twin, sampling: options.integer("refinementSampling"), rate: rate, totalSteps: setup.steps)
  }

  public var refined: TwinParameters? { twin.parameters }
  public var state: TwinRefinement.State { refinement.state }

  public mutating func restore(_ state: TwinRefinement.State) throws {
    try refinement.restore(state)
    twin = try twin.with(refinement.twin.parameters)
  }

  public mutating func step(_ task: TrainingTask) async throws -> LayerStep {
    let layers = task.set.phases
    let fine = try await bench.intensities(layers: layers, inputs: task.inputs, block: 1)
    let (refinement, twin, old) = (refinement, twin, tape)
    let (refined, moved, tape) = try await computing {
      var next = refinement
      try next.refine(layers: layers, inputs: task.inputs, measured: fine)
      let moved = try twin.with(next.twin.parameters)
      return (next, moved, try moved.record(layers: layers, inputs: task.inputs, tape: old))
    }
    self.refinement = refined
    self.twin = moved
    self.tape = tape
    let measured = fine.pooled(by: twin.description.detector.block)
    return try await LayerStep(Observation(measured: measured, tape: tape), of: task, through: moved)
  }
}
