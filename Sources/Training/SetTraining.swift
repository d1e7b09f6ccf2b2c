import Arrays
import Concurrency
import Diffusion
import Measuring
import Optics
import Twin

/// The training of one layer set by one trainer.
public struct SetTraining: Sendable {
  public private(set) var set: LayerSet
  public private(set) var trainer: any Trainer
  public let recipe: Recipe
  public let totalSteps: Int
  private let phaseRate: CosineRate
  private let readoutRate: CosineRate
  private let data: DenoisingData
  private let schedule: NoiseSchedule
  private let random: CounterRandom
  private var phaseAdam: Adam<Float>
  private var readoutAdam: Adam<Float>
  private var headAdam: Adam<Float>
  /// Steps done.
  public private(set) var steps = 0

  /// - Parameters:
  ///   - phaseRate: peak learning rate of the phases; the recipe's for a fresh start when nil.
  ///   - random: the same random numbers give the same batches, whatever the trainer.
  public init(
    set: LayerSet, trainer: any Trainer, recipe: Recipe, data: DenoisingData, schedule: NoiseSchedule, totalSteps: Int,
    phaseRate: Double? = nil, readoutRate: Double? = nil, random: CounterRandom
  ) {
    self.set = set
    self.trainer = trainer
    self.recipe = recipe
    self.totalSteps = totalSteps
    self.phaseRate = CosineRate(peak: phaseRate ?? recipe.phaseRate, warmUp: min(10, totalSteps / 4))
    self.readoutRate = CosineRate(peak: readoutRate ?? recipe.readoutRate, warmUp: min(10, totalSteps / 4))
    self.data = data
    self.schedule = schedule
    self.random = random
    phaseAdam = Adam(count: set.phases.values.count)
    readoutAdam = Adam(count: set.readoutParameters.count)
    headAdam = Adam(count: set.headParameters.count)
  }

  /// One training step: observe a batch, pull the loss back through the twin, move layers, readout and head.
  public mutating func step() async throws -> TrainingStep {
    let batch = data.batch(recipe.batch, steps: set.steps, schedule: schedule, random: random.child(UInt64(steps)))
    let observation = try await trainer.observe(layers: set.phases, inputs: recipe.scaling(batch.noisy))
    let snapshot = self
    let (loss, gradients) = try await computing { try snapshot.gradients(observation, batch) }
    phaseAdam.step(&set.phases.values, gradient: gradients.phases, rate: phaseRate(steps, of: totalSteps))
    readoutAdam.step(&set.readoutParameters, gradient: gradients.readout, rate: readoutRate(steps, of: totalSteps))
    headAdam.step(&set.headParameters, gradient: gradients.head, rate: readoutRate(steps, of: totalSteps))
    steps += 1
    return TrainingStep(
      index: steps, loss: loss.loss, error: loss.error, discrepancy: observation.discrepancy, frames: observation.frames
    )
  }

  /// All that moves from step to step.
  public struct State: Sendable, Codable, Equatable {
    var set: LayerSet
    var steps: Int
    var phaseAdam: Adam<Float>
    var readoutAdam: Adam<Float>
    var headAdam: Adam<Float>
    var refinement: TwinRefinement.State?
  }

  /// Where the training stands.
  public var state: State {
    State(
      set: set, steps: steps, phaseAdam: phaseAdam, readoutAdam: readoutAdam, headAdam: headAdam,
      refinement: trainer.refinementState)
  }

  /// Goes on from where the same training stood.
  public mutating func restore(_ state: State) throws {
    let counts = [state.phaseAdam.count, state.readoutAdam.count, state.headAdam.count]
    guard state.set.phases.values.count == counts[0], state.set.readoutParameters.count == counts[1],
      state.set.headParameters.count == counts[2], (0...totalSteps).contains(state.steps)
    else { throw TrainingError.checkpoint("its layers and its optimisers do not belong together") }
    (set, steps) = (state.set, state.steps)
    (phaseAdam, readoutAdam, headAdam) = (state.phaseAdam, state.readoutAdam, state.headAdam)
    if let refinement = state.refinement { try trainer.restore(refinement) }
  }

  private struct Gradients: Sendable {
    var phases: [Float]
    var readout: [Float]
    var head: [Float]
  }

  private func gradients(_ observation: Observation, _ batch: NoisyBatch) throws -> (HeadLoss, Gradients) {
    let readout = set.readout(recipe, pixels: observation.intensities.planeSize)
    let pass = readout.forward(observation.intensities)
    let loss = recipe.head.loss(pass.output, batch, data, parameters: set.headParameters)
    var (slope, readoutGradient) = pass.pullback(loss.gradient)
    for index in slope.values.indices { slope.values[index] *= observation.gain }
    let phases = try trainer.twin.gradient(observation.tape, intensityGradient: slope).layers.values
    return (loss, Gradients(phases: phases, readout: readoutGradient, head: loss.parameterGradient))
  }
}

/// What one training step found.
public struct TrainingStep: Sendable, Codable, Equatable {
  /// Counted from 1.
  public var index: Int
  public var loss: Double
  /// Mean squared error of the prediction on the training batch.
  public var error: Double
  public var discrepancy: Discrepancy?
  /// Frames taken from the bench.
  public var frames: Int
}
