import Arrays
import Diffusion
import Foundation
import Measuring
import Optics
import Twin

/// The training of one layer set by one trainer: the batches, and the optimisers that follow the slopes.
public struct SetTraining: Sendable {
  public private(set) var set: LayerSet
  public private(set) var trainer: any Trainer
  public let method: Method
  public let totalSteps: Int
  private let phaseRate: CosineRate
  private let readoutRate: CosineRate
  private let data: DenoisingData
  private let schedule: NoiseSchedule
  private let random: CounterRandom
  private var phaseAdam: Adam<Float>
  private var readoutAdam: Adam<Float>
  private var objectiveAdam: Adam<Float>
  /// Steps done.
  public private(set) var steps = 0

  /// - Parameters:
  ///   - phaseRate: peak learning rate of the phases; the recipe's for a fresh start when nil.
  ///   - random: the same random numbers give the same batches, whatever the trainer.
  public init(
    set: LayerSet, trainer: any Trainer, method: Method, data: DenoisingData, schedule: NoiseSchedule, totalSteps: Int,
    phaseRate: Double? = nil, readoutRate: Double? = nil, random: CounterRandom
  ) {
    let (recipe, optimiser) = (method.recipe, method.recipe.optimiser)
    (self.set, self.trainer, self.method, self.totalSteps) = (set, trainer, method, totalSteps)
    self.phaseRate = optimiser.rate(phaseRate ?? recipe.phaseRate, of: totalSteps)
    self.readoutRate = optimiser.rate(readoutRate ?? recipe.readoutRate, of: totalSteps)
    (self.data, self.schedule, self.random) = (data, schedule, random)
    phaseAdam = optimiser.adam(set.phases.values.count)
    readoutAdam = optimiser.adam(set.readoutParameters.count)
    objectiveAdam = optimiser.adam(set.objectiveParameters.count)
  }

  /// One training step on the next batch.
  public mutating func step() async throws -> TrainingStep {
    let batch = data.batch(
      method.recipe.batch, steps: set.steps, schedule: schedule, random: random.child(UInt64(steps)))
    let task = TrainingTask(method: method, set: set, batch: batch, data: data, step: steps)
    let found = try await trainer.step(task)
    switch found.move {
    case .slopes(let slopes): follow(slopes)
    case .moved(let moved): set = moved
    }
    steps += 1
    return TrainingStep(
      index: steps, loss: found.loss, error: found.error, discrepancy: found.discrepancy, frames: found.frames)
  }

  private mutating func follow(_ slopes: SetSlopes) {
    let rate = readoutRate(steps, of: totalSteps)
    phaseAdam.step(&set.phases.values, gradient: slopes.phases, rate: phaseRate(steps, of: totalSteps))
    readoutAdam.step(&set.readoutParameters, gradient: slopes.readout, rate: rate)
    objectiveAdam.step(&set.objectiveParameters, gradient: slopes.objective, rate: rate)
  }

  /// Where the training stands.
  public func state() throws -> State {
    State(
      set: set, steps: steps, phaseAdam: phaseAdam, readoutAdam: readoutAdam, objectiveAdam: objectiveAdam,
      trainer: try trainer.encodedState())
  }

  /// Continues from where the same training stood.
  public mutating func restore(_ state: State) throws {
    let counts = [state.phaseAdam.count, state.readoutAdam.count, state.objectiveAdam.count]
    guard state.set.phases.values.count == counts[0], state.set.readoutParameters.count == counts[1],
      state.set.objectiveParameters.count == counts[2], (0...totalSteps).contains(state.steps)
    else { throw TrainingError.checkpoint("its layers and its optimisers do not belong together") }
    (set, steps) = (state.set, state.steps)
    (phaseAdam, readoutAdam, objectiveAdam) = (state.phaseAdam, state.readoutAdam, state.objectiveAdam)
    if let trainer = state.trainer { try self.trainer.restore(encoded: trainer) }
  }
}

extension SetTraining {
  /// All that moves from step to step.
  public struct State: Sendable, Equatable {
    public internal(set) var set: LayerSet
    public internal(set) var steps: Int
    var phaseAdam: Adam<Float>
    var readoutAdam: Adam<Float>
    var objectiveAdam: Adam<Float>
    /// What the trainer carries, as it encodes it; nil when version 0.1 wrote the state of a trainer that carries nothing.
    var trainer: Data?
  }
}

extension SetTraining.State: Codable {
  private enum Key: String, CodingKey {
    case set, steps, phaseAdam, readoutAdam, trainer
    case objectiveAdam = "headAdam"
    // Of version 0.1, which knew one trainer with a state.
    case refinement
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    set = try container.decode(LayerSet.self, forKey: .set)
    steps = try container.decode(Int.self, forKey: .steps)
    phaseAdam = try container.decode(Adam<Float>.self, forKey: .phaseAdam)
    readoutAdam = try container.decode(Adam<Float>.self, forKey: .readoutAdam)
    objectiveAdam = try container.decode(Adam<Float>.self, forKey: .objectiveAdam)
    trainer = try container.decodeIfPresent(Data.self, forKey: .trainer)
    if let refinement = try container.decodeIfPresent(TwinRefinement.State.self, forKey: .refinement) {
      trainer = try JSONEncoder().encode(refinement)
    }
  }

  public func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(set, forKey: .set)
    try container.encode(steps, forKey: .steps)
    try container.encode(phaseAdam, forKey: .phaseAdam)
    try container.encode(readoutAdam, forKey: .readoutAdam)
    try container.encode(objectiveAdam, forKey: .objectiveAdam)
    try container.encodeIfPresent(trainer, forKey: .trainer)
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
