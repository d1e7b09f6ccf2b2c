import Arrays
import Catalogues
import ReadableNumbers

enum TurnedCamera: Examination {
  static let declaration = Declaration(
    "camera.orientation", "frames that are mirrored or turned against what bench file and calibrations say")

  /// Correlations: of the best way round, and by how much it is better than the known one.
  private static let (least, better) = (0.7, 0.06)

  static let threshold =
    "a correlation of 0.7 with what the twin computes, and 0.06 better than as it is known: on simulated benches before their calibration, "
    + "the right way round has 0.94 and more, and is ahead of all others by twice that"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard let turn = patient.turn, let known = turn.correlations[.upright],
      let best = turn.correlations.max(by: { $0.value < $1.value }), best.key != .upright, best.value > least,
      best.value - known > better
    else { return [] }
    let orientation = turn.known.after(best.key)
    return [
      Diagnosis(
        best.value - known,
        "frames are like the twin's (correlation \(number(best.value, significant: 2))) when the camera is \(orientation.rawValue), and "
          + "less (\(number(known, significant: 2))) as it is known, \(turn.known.rawValue)",
        advice:
          "write orientation: \(orientation.rawValue) in layout.camera, or let odu-ctl calibrate registration find it; a mirror or lens "
          + "may have been added to the light's way")
    ]
  }
}
