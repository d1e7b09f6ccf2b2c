import Arrays
import Measuring
import Twin

extension CalibratedBench {
  /// What layers are unless something else is asked for: phases once the response was calibrated. Calibrations themselves show commands
  /// whatever is in force.
  public var meaning: LayerMeaning { products.contains { $0.kind == .response } ? .phases : .commands }

  /// Chooses the commands of layers by the response as it is known; nil where layers are commands.
  public func inverse(for meaning: LayerMeaning) -> PhaseInverse? {
    switch meaning {
    case .commands: nil
    case .phases: description.inverse(parameters, count: commands)
    }
  }

  /// Commands of a turn that the modulator tells apart; those of 8 bits where nothing says how many.
  private var commands: Int {
    description.modulator.levels ?? layout.map { $0.layers.phases ?? $0.layers.levelsPerTurn } ?? 256
  }
}

extension TwinDescription {
  /// The same bench for layers whose commands are chosen so; for commands when nil.
  public func showing(_ inverse: PhaseInverse?) -> TwinDescription {
    var description = self
    description.modulator.inverse = inverse
    return description
  }
}

extension OpticalUnit {
  /// The same unit for layers whose commands are chosen so; for commands when nil.
  public func showing(_ inverse: PhaseInverse?) -> any OpticalUnit {
    inverse.map { PhaseUnit(unit: self, inverse: $0) } ?? self
  }
}

/// A unit whose layers are phases to be shown. What it asks, and what is recorded, are the commands.
private struct PhaseUnit: OpticalUnit {
  let unit: any OpticalUnit
  let inverse: PhaseInverse

  func measure(layers: Stack<Float>, inputs: Stack<Float>, block: Int?) async throws -> Measured {
    try await unit.measure(layers: inverse.commands(layers), inputs: inputs, block: block)
  }
}
