/// What the numbers of a layer are, in radians. Recordings, fits and everything below a bench's unit have commands.
public enum LayerMeaning: String, Sendable, Codable, CaseIterable {
  /// What the modulator receives: u of a turn is its level u·levelsPerTurn, whatever phase that shows.
  case commands
  /// What it is to show; the response chooses the command (``PhaseInverse``).
  case phases
}

extension PhaseModulatorDescription {
  /// What a twin of this modulator takes.
  public var meaning: LayerMeaning { inverse == nil ? .commands : .phases }
}
