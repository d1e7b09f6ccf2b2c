import Arrays

extension CounterRandom {
  /// Phases of a turn that a panel of eight bits shows.
  private static var levels: Double { 256 }

  /// One of the 256 phases of a turn, in radians, that a panel of eight bits shows exactly.
  ///
  /// What lies between two of them is shown as one of them, and what lies within half a step of a full turn as 0: on a panel whose pixels
  /// run into each other, the borders of such a square are then not at all what was asked for.
  func panelPhase(at index: UInt64) -> Float { Self.panelPhase(turns: uniform(at: index)) }

  /// The one of them below so many turns.
  static func panelPhase(turns: Double) -> Float {
    let part = turns - turns.rounded(.down)
    return Float(2 * .pi * (part * levels).rounded(.down) / levels)
  }
}
