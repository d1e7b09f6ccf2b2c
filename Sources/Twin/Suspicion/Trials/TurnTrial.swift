import ReadableNumbers

/// A modulator whose turn is full at another level.
struct TurnTrial: SuspicionTrial {
  func examine(_ bench: SuspectBench) throws -> [Suspicion] {
    let stretched = bench.hypothesis { $0.alsoFree = ["response1"] }
    guard let (_, outcome) = try bench.best(of: [stretched]) else { return [] }
    let factor = 1 + outcome.parameters["response1"]
    guard factor > 0 else { return [] }
    return [
      Suspicion(
        kind: .turn, discrepancy: outcome.discrepancy,
        words:
          "The frames fit a modulator that turns the phase by \(brief(100 * factor)) % of what it should: "
          + "set layout.layers.levelsPerTurn to \(brief(100 / factor)) % of what it is, measure "
          + "modulator.response, or free response1.")
    ]
  }
}
