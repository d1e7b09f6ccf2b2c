import Catalogues

enum ForeignClock: Examination {
  static let declaration = Declaration(
    "frames.clock", "frames whose times are not on the clock of the bench, or go backwards")

  static let threshold =
    "any frame: each would be credited to a wrong image"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let odd = ["implausibleTime", "outOfSequence"].reduce(0) { $0 + (patient.frames[$1] ?? 0) }
    guard odd > 0 else { return [] }
    return [
      Diagnosis(
        Double(odd), unit: "frames", "\(odd) frames say that they were exposed at a time that cannot be",
        advice:
          "the camera's driver must stamp frames with the monotonic clock (v4l2: timestamps of the kind monotonic); a "
          + "suspended or migrated machine shifts clocks, too")
    ]
  }
}
