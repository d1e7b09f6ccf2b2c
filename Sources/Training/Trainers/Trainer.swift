import Arrays
import Catalogues
import Measuring
import Optics
import Twin

/// A way to move layers: it is given a batch and says which way is down, or where to.
///
/// It needs neither a twin nor derivatives: what it asks and whom is its own affair. A new one is a file with a conforming
/// type and a line in ``TrainerCatalogue``.
public protocol Trainer: Sendable {
  /// What the trainer carries from step to step and cannot compute again; with it a training resumes to the same bits.
  associatedtype State: Codable & Sendable

  /// Its name, and the options that a recipe may give it.
  static var declaration: Declaration { get }

  /// Whether its steps take frames of the bench.
  static var usesBench: Bool { get }

  init(_ setup: TrainerSetup) throws

  /// One step on a batch.
  mutating func step(_ task: TrainingTask) async throws -> LayerStep

  /// The twin's parameters as the trainer has come to know them; nil when it learns nothing about the bench.
  var refined: TwinParameters? { get }

  var state: State { get }

  /// Continues from where such a trainer stood.
  mutating func restore(_ state: State) throws
}

/// What a trainer is made of.
public struct TrainerSetup: Sendable {
  /// What is believed about the bench.
  public var twin: Twin<Float>
  public var bench: (any OpticalUnit)?
  /// Steps that the training will have.
  public var steps: Int
  /// Random numbers of the trainer's own.
  public var random: CounterRandom
  /// Of its declared parameters.
  public var options: Options

  public init(
    twin: Twin<Float>, bench: (any OpticalUnit)?, steps: Int, random: CounterRandom, options: Options
  ) {
    (self.twin, self.bench, self.steps) = (twin, bench, steps)
    (self.random, self.options) = (random, options)
  }

  /// - Throws: ``TrainingError/argument(_:)`` when there is no bench.
  public func requireBench() throws -> any OpticalUnit {
    guard let bench else { throw TrainingError.argument("this trainer takes frames of a bench, and there is none") }
    return bench
  }
}

/// What a trainer found in one step.
public struct LayerStep: Sendable {
  public enum Move: Sendable {
    /// The slopes of the loss; the training's optimisers follow them.
    case slopes(SetSlopes)
    /// Where the trainer itself has moved the set to.
    case moved(LayerSet)
  }

  public var move: Move
  public var loss: Double
  /// Mean squared error of the prediction.
  public var error: Double
  /// How far twin and bench differ on this batch; nil when they were not compared.
  public var discrepancy: Discrepancy?
  /// Frames taken from the bench.
  public var frames: Int

  public init(
    _ move: Move, loss: Double, error: Double, discrepancy: Discrepancy? = nil, frames: Int
  ) {
    (self.move, self.loss, self.error) = (move, loss, error)
    (self.discrepancy, self.frames) = (discrepancy, frames)
  }
}

/// ∂L/∂ the numbers of a layer set.
public struct SetSlopes: Sendable {
  public var phases: [Float]
  public var readout: [Float]
  public var objective: [Float]

  public init(phases: [Float], readout: [Float], objective: [Float]) {
    (self.phases, self.readout, self.objective) = (phases, readout, objective)
  }
}

/// The state of a trainer that carries nothing from step to step.
public struct NoTrainerState: Codable, Sendable, Equatable {
  public init() {}
}
