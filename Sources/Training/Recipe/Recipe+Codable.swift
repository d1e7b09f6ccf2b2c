import Diffusion

/// A recipe in a model or a checkpoint. What version 0.1 left out of its recipes is what it did.
extension Recipe: Codable {
  private enum Key: String, CodingKey {
    case name, summary, schedule, edges, shares, firstSet, scaling, readout, objective, start, batch, phaseRate,
      warmPhaseRate
    case readoutRate, optimiser, stages, judging, sampling
    // Of version 0.1.
    case head, phaseSpread
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func value<Value: Decodable>(_ key: Key, otherwise standard: Value) throws -> Value {
      try container.decodeIfPresent(Value.self, forKey: key) ?? standard
    }
    let edges = try container.decode([Int].self, forKey: .edges)
    let isEarly = container.contains(.head)
    self.init(
      name: try value(.name, otherwise: ""), summary: try value(.summary, otherwise: ""),
      schedule: try value(.schedule, otherwise: ScheduleDescription()),
      edges: edges,
      shares: try container.decodeIfPresent([Double].self, forKey: .shares),
      firstSet: try value(.firstSet, otherwise: edges.count > 2 ? 1 : 0),
      scaling: try container.decode(InputScaling.self, forKey: .scaling),
      readout: try container.decode(String.self, forKey: .readout),
      objective: try container.decode(String.self, forKey: isEarly ? .head : .objective),
      start: try isEarly
        ? Start(phaseSpread: container.decode(Double.self, forKey: .phaseSpread))
        : container.decode(Start.self, forKey: .start),
      batch: try container.decode(Int.self, forKey: .batch),
      phaseRate: try container.decode(Double.self, forKey: .phaseRate),
      warmPhaseRate: try container.decode(Double.self, forKey: .warmPhaseRate),
      readoutRate: try container.decode(Double.self, forKey: .readoutRate),
      optimiser: try value(.optimiser, otherwise: Optimiser()), stages: try value(.stages, otherwise: Stage.usual),
      judging: try value(.judging, otherwise: Judging()), sampling: try value(.sampling, otherwise: SamplingRecipe()))
  }

  public func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    try container.encode(summary, forKey: .summary)
    try container.encode(schedule, forKey: .schedule)
    try container.encode(edges, forKey: .edges)
    try container.encode(shares, forKey: .shares)
    try container.encode(firstSet, forKey: .firstSet)
    try container.encode(scaling, forKey: .scaling)
    try container.encode(readout, forKey: .readout)
    try container.encode(objective, forKey: .objective)
    try container.encode(start, forKey: .start)
    try container.encode(batch, forKey: .batch)
    try container.encode(phaseRate, forKey: .phaseRate)
    try container.encode(warmPhaseRate, forKey: .warmPhaseRate)
    try container.encode(readoutRate, forKey: .readoutRate)
    try container.encode(optimiser, forKey: .optimiser)
    try container.encode(stages, forKey: .stages)
    try container.encode(judging, forKey: .judging)
    try container.encode(sampling, forKey: .sampling)
  }
}
