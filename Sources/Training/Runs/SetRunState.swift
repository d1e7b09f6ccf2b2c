import Twin

extension SetRun {
  /// All that a run needs to continue in another process.
  public struct State: Sendable, Equatable {
    public internal(set) var stage: Int
    public internal(set) var training: SetTraining.State
    /// After each finished stage.
    var errors: [Double]
    /// Frames spent so far.
    var frames: Int
    /// The twin as the present stage found it; as the set found it when nil.
    var parameters: TwinParameters?
  }

  /// Where the run stands.
  public var state: State {
    get throws {
      State(
        stage: stage, training: try training.state(), errors: errors, frames: frames,
        parameters: stage == 0 ? nil : found.parameters)
    }
  }
}

extension SetRun.State: Codable {
  private enum Key: String, CodingKey {
    case stage, training, errors, frames, parameters
    // Of version 0.1, whose stages were called twin and bench.
    case errorAfterTwin
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    training = try container.decode(SetTraining.State.self, forKey: .training)
    frames = try container.decode(Int.self, forKey: .frames)
    parameters = try container.decodeIfPresent(TwinParameters.self, forKey: .parameters)
    if let errors = try container.decodeIfPresent([Double].self, forKey: .errors) {
      self.errors = errors
      stage = try container.decode(Int.self, forKey: .stage)
    } else {
      errors = [try container.decodeIfPresent(Double.self, forKey: .errorAfterTwin)].compactMap(\.self)
      stage = try container.decode(String.self, forKey: .stage) == "twin" ? 0 : 1
    }
  }

  public func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(stage, forKey: .stage)
    try container.encode(training, forKey: .training)
    try container.encode(errors, forKey: .errors)
    try container.encode(frames, forKey: .frames)
    try container.encodeIfPresent(parameters, forKey: .parameters)
  }
}
