import Catalogues

/// A part of a set's training: who trains and how much.
public struct Stage: Sendable, Codable, Equatable {
  /// What is spent.
  public enum Budget: Sendable, Codable, Equatable {
    /// Images over all sets, by their shares.
    case images(Int)
    /// Steps of each set.
    case steps(Int)
  }

  /// The name of the trainer.
  public var trainer: String
  public var budget: Budget
  /// Learning rates; those of the recipe when nil.
  public var phaseRate: Double?
  public var readoutRate: Double?
  /// For the trainer.
  public var options: [String: Parameter.Value]
  /// Steps after which a checkpoint is saved, for which the bench comes to rest.
  public var saveEvery: Int

  public init(
    _ trainer: String, _ budget: Budget, phaseRate: Double? = nil, readoutRate: Double? = nil,
    options: [String: Parameter.Value] = [:], saveEvery: Int
  ) {
    (self.trainer, self.budget) = (trainer, budget)
    (self.phaseRate, self.readoutRate) = (phaseRate, readoutRate)
    (self.options, self.saveEvery) = (options, saveEvery)
  }

  /// On the twin, which costs no frames, then a little on the bench.
  public static let usual = [
    Stage("offline", .images(50_000), saveEvery: 25),
    Stage(
      "online", .steps(6), phaseRate: 0.01,
      options: ["refinementRate": .number(0.05), "refinementEnd": .number(0.2)], saveEvery: 2),
  ]
}
