import Catalogues
import ReadableNumbers

enum MainsFlicker: Examination {
  static let declaration = Declaration("light.mains", "brightness that swings at twice the mains' frequency")

  /// Light is as strong in both half-waves.
  static let frequencies = [100.0, 120.0]

  static let threshold =
    "a swing of 1 % of the light at 100 or 120 Hz that explains 60 % of what varies in at least 24 frames, which chance does once in "
    + "a million series; the frames' own times count, so that a slow camera sees it as well"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard let (frequency, tone) = patient.swing(among: frequencies), AutomaticCamera.findings(in: patient).isEmpty
    else { return [] }
    let isOfPanel = patient.refreshRates.contains { abs(2 * $0 - frequency) < 1 }
    let part = tone.amplitude / patient.light
    return [
      Diagnosis(
        part,
        "the brightness of one image swings by ±\(percent(part)) at \(brief(frequency)) Hz",
        advice:
          "shield the bench from room light, and check the supply of the laser; expose for a multiple of \(brief(1e3 / frequency)) ms"
          + (isOfPanel ? "; a panel of \(brief(frequency / 2)) Hz can do that, too" : ""))
    ]
  }
}

extension Patient {
  /// Patterns per second of each modulator that says so.
  var refreshRates: [Double] { devices.filter { $0.kind == .modulator }.compactMap(\.rate).filter { $0 > 0 } }

  /// The frequency at which the brightness of one image surely swings; the strongest where there are several.
  func swing(among frequencies: [Double]) -> (frequency: Double, tone: Tone)? {
    guard let series, series.moments.count >= Tone.values, light > 0 else { return nil }
    let found = frequencies.compactMap { frequency in series.tone(at: frequency).map { (frequency, $0) } }
    guard let best = found.max(by: { $0.1.share < $1.1.share }), best.1.share > Tone.sureShare,
      best.1.amplitude > Tone.limit * light
    else { return nil }
    return best
  }
}
