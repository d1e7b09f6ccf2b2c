import BenchAPI
import Catalogues
import Foundation
import ReadableNumbers

enum ClockJump: Examination {
  static let declaration = Declaration(
    "clock.jump", "times of frames that do not fit their numbers, or calibrations that are dated in the future")

  /// Of a frame.
  private static let periods = 2.0

  static let threshold =
    "two periods of a frame, since a driver that is late is late by less than one; five minutes of the calendar, by which clocks "
    + "are corrected"

  static func findings(in patient: Patient) -> [Diagnosis] { jump(patient) + calendar(patient) }

  /// How far the time of a frame is from where its number puts it.
  private static func jump(_ patient: Patient) -> [Diagnosis] {
    guard let moments = patient.series?.moments, moments.count >= 8 else { return [] }
    let steps = zip(moments.dropFirst(), moments).compactMap { later, earlier -> (time: Double, frames: Double)? in
      guard later.sequence > earlier.sequence else { return nil }
      return (later.time - earlier.time, Double(later.sequence - earlier.sequence))
    }
    let each = steps.map { $0.time / $0.frames }.sorted()
    guard let period = each.isEmpty ? nil : each[each.count / 2], period > 0,
      let worst = steps.map({ $0.time - $0.frames * period }).max(by: { abs($0) < abs($1) }),
      abs(worst) > periods * period
    else { return [] }
    return [
      Diagnosis(
        worst, unit: "s",
        "the times of two frames are \(duration(abs(worst))) \(worst > 0 ? "further apart" : "nearer") than their numbers say",
        advice:
          "the camera's clock jumps, or frames are lost without being counted: give it a bus of its own, and see that the machine is "
          + "not suspended or moved while it measures")
    ]
  }

  private static func calendar(_ patient: Patient) -> [Diagnosis] {
    let ahead = patient.calibrations.filter { $0.cause == Cause.calibrationStaleClock.rawValue }
    guard let youngest = ahead.map(\.age).min() else { return [] }
    return [
      Diagnosis(
        -youngest, unit: "s", "a calibration is dated \(duration(-youngest)) in the future",
        advice:
          "the clock of the machine was set back: set it right (timedatectl), since the ages of calibrations follow from it"
      )
    ]
  }
}
