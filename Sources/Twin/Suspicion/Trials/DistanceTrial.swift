import ReadableNumbers

/// Other distances between the planes, or another wavelength: the light spreads by their product, and frames do not tell one
/// from the other.
struct DistanceTrial: SuspicionTrial {
  /// Usual lines of lasers in metres.
  static let lines = [
    405e-9, 450e-9, 488e-9, 532e-9, 561e-9, 594e-9, 633e-9, 660e-9, 785e-9, 808e-9, 850e-9, 905e-9, 980e-9, 1064e-9,
    1310e-9, 1550e-9,
  ]
  /// Part by which the distances of a bench with the right wavelength may be off all the same.
  private static let tolerance = 0.025
  /// From one distance that is tried to the next, and how many there are to either side.
  private static let (step, steps) = (1.15, 6)

  func examine(_ bench: SuspectBench) throws -> [Suspicion] {
    guard let distance = bench.distance, distance.value > 0 else { return [] }
    let hypotheses = try (-Self.steps...Self.steps).filter { $0 != 0 }.map { power in
      let factor = (0..<abs(power)).reduce(1.0) { product, _ in power > 0 ? product * Self.step : product / Self.step }
      return try bench.hypothesis { hypothesis in
        var moved = distance
        moved.value = distance.value * factor
        moved.prior = moved.value * Self.step
        moved.minimum = moved.value / Self.step
        moved.maximum = moved.value * Self.step
        try hypothesis.parameters.update(moved)
      }
    }
    guard let (_, outcome) = try bench.best(of: hypotheses) else { return [] }
    let found = outcome.parameters[distance.name]
    return [
      Suspicion(
        kind: .distance, discrepancy: outcome.discrepancy,
        words: Self.words(
          distance.name, found: found, believed: distance.value, bench.twin.description.geometry.wavelength))
    ]
  }

  static func words(_ name: String, found: Double, believed: Double, _ wavelength: Double) -> String {
    let equivalent = wavelength * found / believed
    let line = lines.min { abs($0 - equivalent) < abs($1 - equivalent) }
    let gap = "a \(name) of \(brief(found * 1e3)) mm instead of \(brief(believed * 1e3)) mm"
    let range = "geometry.\(name), and start, minimum and maximum of parameters.\(name)"
    if let line, line != wavelength, abs(line / equivalent - 1) < tolerance {
      return "The frames fit a wavelength of \(Int((line * 1e9).rounded())) nm instead of "
        + "\(Int((wavelength * 1e9).rounded())) nm, or \(gap), which frames do not tell apart: check "
        + "geometry.wavelength first, then \(range)."
    }
    return "The frames fit \(gap), or, which frames do not tell apart, a wavelength of "
      + "\(Int((equivalent * 1e9).rounded())) nm instead of \(Int((wavelength * 1e9).rounded())) nm: check \(range), "
      + "then geometry.wavelength."
  }
}
