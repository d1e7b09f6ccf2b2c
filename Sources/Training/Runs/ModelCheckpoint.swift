import Files
import Foundation
import Twin

/// Everything with which another process resumes a training as if nothing had happened: what has been learnt, where
/// the optimisers stand, and what was spent.
public struct ModelCheckpoint: Sendable, Codable, Equatable {
  let request: TrainingRequest
  /// The finished sets; its parameters are those of the twin with which the present set began.
  public internal(set) var model: DenoisingModel
  public internal(set) var outcomes: [SetOutcome] = []
  /// Every step so far.
  public internal(set) var history = TrainingHistory()
  /// The finished set from which the next one starts.
  var previous: LayerSet?
  /// The set in training.
  var present: SetRun.State?
  /// The time on the clock of a simulated bench, which continues from there.
  public var benchTime: UInt64?
  /// The name of the calibration with which the training began.
  public var calibration: String?

  /// What chose the commands of the layers when the training began; nil when they are commands.
  public var inverse: PhaseInverse? { request.bench.modulator.inverse }

  init(_ run: ModelRun) {
    request = TrainingRequest(run)
    model = DenoisingModel(
      recipe: run.recipe, mean: run.material.training.mean, imageSize: run.twin.description.input.size,
      dataset: run.material.name, parameters: run.twin.parameters, meaning: run.twin.description.modulator.meaning)
  }

  /// Takes over a finished set.
  mutating func add(_ outcome: SetRun.Outcome, _ index: Int) {
    model.sets[index] = outcome.frozen
    model.parameters = outcome.parameters
    outcomes.append(SetOutcome(outcome))
    previous = outcome.set
    present = nil
  }

  /// - Throws: ``TrainingError/checkpoint(_:)`` when this is not a checkpoint of the training.
  func check(for run: ModelRun) throws {
    try request.check(for: TrainingRequest(run))
    if model.dataset != run.material.name || model.mean != run.material.training.mean {
      throw TrainingError.checkpoint("it was made with another dataset")
    }
    let sets = run.recipe.sets.count
    guard outcomes.count <= sets, (previous == nil) == outcomes.isEmpty, present == nil || outcomes.count < sets,
      present.map({ run.recipe.stages.indices.contains($0.stage) }) ?? true,
      history.entries.allSatisfy({ run.recipe.stages.indices.contains($0.stage) }),
      ([present?.frames ?? 0] + outcomes.map(\.frames)).allSatisfy((0...Self.mostFrames).contains)
    else { throw TrainingError.checkpoint("its parts do not belong together") }
    do {
      try model.check(run.catalogues)
      for set in [previous, present?.training.set].compactMap(\.self) {
        try set.check(run.method, pixels: model.imageSize * model.imageSize)
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
  public static func load(from path: String) throws -> (checkpoint: ModelCheckpoint, damage: String?)? {
    let file = StateFile(path: path, schema: schema)
    guard file.exists else { return nil }
    let loaded = try file.load()
    do {
      let checkpoint = try JSONDecoder().decode(ModelCheckpoint.self, from: Data(loaded.bytes))
      return (checkpoint, loaded.damage?.description)
    } catch {
      throw FilesError.malformed(file: path, place: "content", expected: "a checkpoint of this version: \(error)")
    }
  }
}
