import Arrays

/// A modulator that turns the phase the other way. Only patterns with grey levels show it.
struct PhaseSignTrial: SuspicionTrial {
  func examine(_ bench: SuspectBench) throws -> [Suspicion] {
    let negative = bench.hypothesis { hypothesis in
      for index in hypothesis.data.patterns.indices {
        hypothesis.data.patterns[index].values = hypothesis.data.patterns[index].values.map { -$0 }
      }
    }
    guard let (_, outcome) = try bench.best(of: [negative]) else { return [] }
    return [
      Suspicion(
        kind: .phaseSign, discrepancy: outcome.discrepancy,
        words:
          "The frames fit a modulator that turns the phase the other way: more grey is less phase. Invert its look-up "
          + "table, or say so with modulator.response: [0, -6.283185307179586].")
    ]
  }
}
