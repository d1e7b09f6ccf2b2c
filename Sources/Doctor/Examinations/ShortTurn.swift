import Catalogues
import ReadableNumbers

/// A panel that does not show a whole turn, however high the level.
enum ShortTurn: Examination {
  static let declaration = Declaration("response.range", "a level of 2π that is beyond the panel's range")

  /// Of a turn, that may be missing.
  private static let tolerance = 0.05

  static let threshold =
    "5 % of a turn and three standard deviations: a response may end a few levels early"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard let response = patient.response, let lowest = response.measured.min(), let highest = response.measured.max()
    else { return [] }
    let shown = (highest - lowest) / (2 * .pi)
    guard 1 - shown > tolerance + 3 * response.error else { return [] }
    return [
      Diagnosis(
        shown, unit: "turns",
        "the layers' panel shows \(number(shown, significant: 3)) of a turn from the first to the last of the levels of a turn",
        advice:
          "phases beyond are shown by its nearest end: raise layout.layers.levelsPerTurn where the panel has more levels, its voltage, or "
          + "load a table for this wavelength")
    ]
  }
}
