import Files
import Foundation

/// A set in training as a file of its own, for sets that are trained apart.
public struct SetCheckpoint: Sendable, Codable, Equatable {
  private let request: TrainingRequest
  private let set: Int
  private let state: SetRun.State

  private static let schema = 1

  /// - Parameter set: its number in the recipe.
  public init(_ run: SetRun, set: Int, of model: ModelRun) throws {
    (request, self.set, state) = (TrainingRequest(model), set, try run.state)
  }

  /// The run that continues from here.
  ///
  /// - Parameter previous: the set from which it started.
  /// - Throws: ``TrainingError/checkpoint(_:)`` when the checkpoint belongs to another run.
  public func resume(_ set: Int, of model: ModelRun, from previous: LayerSet? = nil) throws -> SetRun {
    try request.check(for: TrainingRequest(model))
    guard set == self.set else { throw TrainingError.checkpoint("it is one of set \(self.set), not of set \(set)") }
    let size = model.twin.description.input.size
    try state.training.set.check(model.method, pixels: size * size)
    return try model.setRun(set, from: previous, resuming: state)
  }

  /// Replaces the file at once or not at all, and keeps the previous one.
  public func save(to path: String) throws {
    try StateFile(path: path, schema: Self.schema).save(Array(JSONEncoder().encode(self)))
  }

  /// - Returns: nil when there is no file.
  public static func load(from path: String) throws -> SetCheckpoint? {
    let file = StateFile(path: path, schema: schema)
    guard file.exists else { return nil }
    do {
      return try JSONDecoder().decode(SetCheckpoint.self, from: Data(file.load().bytes))
    } catch let error as DecodingError {
      throw FilesError.malformed(file: path, place: "content", expected: "a checkpoint of a set: \(error)")
    }
  }
}
