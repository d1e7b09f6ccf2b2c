import Arrays
import Optics
import Twin

extension Recipe {
  /// Layers at the start: counter-ramps against the calibrated tilts, and a little noise to break the symmetry.
  public func initialPhases(for twin: Twin<Float>, random: CounterRandom) -> Stack<Float> {
    var phases = twin.counterRamps()
    var noise = phases.values
    random.stream(named: "initial phases").fillNormal(into: &noise)
    for index in phases.values.indices { phases.values[index] += Float(start.phaseSpread) * noise[index] }
    return phases
  }
}
