import Catalogues

enum LostFrames: Examination {
  static let declaration = Declaration(
    "frames.lost", "frames that the camera counted and did not deliver, or flagged as broken")

  static let threshold =
    "any frame: the bus has no room for what comes at once"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let lost = ["missing", "erroneous"].reduce(0) { $0 + (patient.frames[$1] ?? 0) }
    guard lost > 0 else { return [] }
    return [
      Diagnosis(
        Double(lost), unit: "frames",
        "while \(patient.frames["accepted"] ?? 0) images were measured, \(lost) frames were lost or broken",
        advice:
          "give the camera a bus of its own (a USB modulator on the same one takes its place), a shorter cable, or a lower "
          + "frame rate")
    ]
  }
}
