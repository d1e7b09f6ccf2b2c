import Catalogues
import ReadableNumbers

/// A panel whose phase or amplitude swings with its own refresh, and an exposure that sees only a part of the swing.
enum RefreshFlicker: Examination {
  static let declaration = Declaration(
    "exposure.refresh",
    "brightness that swings with a panel's refresh, and an exposure that is no multiple of its period")

  static let threshold =
    "a swing of 1 % of the light at the refresh rate of a panel or twice that, as sure as `light.mains`: an exposure that is no multiple "
    + "does no harm to a panel that does not flicker"

  static func findings(in patient: Patient) -> [Diagnosis] {
    // Twice the rate of many panels is what room light does.
    let frequencies = patient.refreshRates.flatMap { [$0, 2 * $0] }.filter { frequency in
      !MainsFlicker.frequencies.contains { abs($0 - frequency) < 1 }
    }
    guard let series = patient.series, let (frequency, tone) = patient.swing(among: frequencies),
      MainsFlicker.findings(in: patient).isEmpty, AutomaticCamera.findings(in: patient).isEmpty
    else { return [] }
    let part = tone.amplitude / patient.light
    return [
      Diagnosis(
        part,
        "the brightness of one image swings by ±\(percent(part)) at \(brief(frequency)) Hz, as the panel is refreshed; an exposure of "
          + "\(brief(series.exposure * 1e3)) ms is \(number(series.exposure * frequency, significant: 3)) of its periods",
        advice:
          "expose for a multiple of \(brief(1e3 / frequency)) ms, dimming the laser if need be, or choose a mode or voltage of the panel "
          + "that flickers less")
    ]
  }
}
