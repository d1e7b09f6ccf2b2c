import Files
import Foundation
import Twin

/// Everything with which another process resumes a training as if nothing had happened: what has been learnt, where
/// the optimisers stand, and what was spent.
public struct TrainingCheckpoint: Sendable, Codable, Equatable {
  /// What is done with checkpoints.
  public typealias Action = @Sendable (TrainingCheckpoint) async throws -> Void

  /// What was asked for; a training with another request cannot resume from the checkpoint.
  struct Request: Sendable, Codable, Equatable {
    var plan: ModelTraining.Plan
    var recipe: Recipe
    var seed: UInt64
    var bench: TwinDescription
  }

  /// The set in training.
  struct Present: Sendable, Codable, Equatable {
    enum Stage: String, Sendable, Codable { case twin, bench }

    var stage: Stage
    var training: SetTraining.State
    var errorAfterTwin: Double?
    /// Frames spent on steps.
    var frames = 0
  }

  let request: Request
  /// The finished sets; its parameters are those of the twin with which the present set began.
  public internal(set) var model: DenoisingModel
  public internal(set) var outcomes: [SetOutcome] = []
  /// Every step so far.
  public internal(set) var history = TrainingHistory()
  /// The finished set from which the next one starts.
  var previous: LayerSet?
  var present: Present?
  /// The time on the clock of a simulated bench, which continues from there.
  public var benchTime: UInt64?
  /// The name of the calibration with which the training began.
  public var calibration: String?

  init(_ training: ModelTraining, model: DenoisingModel) {
    request = Request(training)
    self.model = model
  }

  /// - Throws: ``TrainingError/checkpoint(_:)`` when this is not a checkpoint of the training.
  func check(for training: ModelTraining) throws {
    let expected = Request(training)
    let differences = [
      ("plan", request.plan == expected.plan), ("recipe", request.recipe == expected.recipe),
      ("seed", request.seed == expected.seed), ("bench", request.bench == expected.bench),
      ("dataset", model.dataset == training.material.name && model.mean == training.material.training.mean),
    ]
    if let difference = differences.first(where: { !$0.1 }) {
      throw TrainingError.checkpoint("it was made with another \(difference.0)")
    }
    guard outcomes.count <= training.sets.count, (previous == nil) == outcomes.isEmpty,
      present == nil || outcomes.count < training.sets.count,
      ([present?.frames ?? 0] + outcomes.map(\.frames)).allSatisfy((0...Self.mostFrames).contains)
    else { throw TrainingError.checkpoint("its parts do not belong together") }
    do {
      try model.check()
      for set in [previous, present?.training.set].compactMap(\.self) {
        try set.check(training.recipe, steps: model.schedule.steps, pixels: model.imageSize * model.imageSize)
      }
    } catch {
      throw TrainingError.checkpoint("\(error)")
    }
  }

  /// Frames that a set may have cost, more than a bench takes in a thousand years.
  private static let mostFrames = 1 << 50

  // MARK: - Files

  private static let schema = 1

  /// Replaces the file at once or not at all, and keeps the previous one.
  public func save(to path: String) throws {
    try StateFile(path: path, schema: Self.schema).save(Array(JSONEncoder().encode(self)))
  }

  /// - Returns: the checkpoint, and what was wrong with the newest file when the previous one had to be used; nil when
  ///   there is no file.
  public static func load(from path: String) throws -> (checkpoint: TrainingCheckpoint, damage: String?)? {
    let file = StateFile(path: path, schema: schema)
    guard file.exists else { return nil }
    let loaded = try file.load()
    do {
      let checkpoint = try JSONDecoder().decode(TrainingCheckpoint.self, from: Data(loaded.bytes))
      return (checkpoint, loaded.damage?.description)
    } catch {
      throw FilesError.malformed(file: path, place: "content", expected: "a checkpoint of this version: \(error)")
    }
  }
}

extension TrainingCheckpoint.Request {
  init(_ training: ModelTraining) {
    self.init(
      plan: training.plan, recipe: training.recipe, seed: training.seed, bench: training.twin.description)
  }
}
