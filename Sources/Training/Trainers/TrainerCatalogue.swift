import Catalogues
import Foundation

/// The trainers that can be asked for by name.
public enum TrainerCatalogue {
  public static let standard = Catalogue<any Trainer.Type>(
    "trainer", [OfflineTrainer.self, FrozenTwinTrainer.self, OnlineTrainer.self]
  ) { $0.declaration }
}

/// A trainer's state as bytes, for code that does not know which trainer it has.
extension Trainer {
  func encodedState() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(state)
  }

  mutating func restore(encoded: Data) throws {
    do {
      try restore(JSONDecoder().decode(State.self, from: encoded))
    } catch let error as DecodingError {
      throw TrainingError.checkpoint("its trainer is not \(Self.declaration.name): \(error)")
    }
  }
}
