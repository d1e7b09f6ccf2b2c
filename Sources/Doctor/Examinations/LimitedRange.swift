import Catalogues
import ReadableNumbers

/// A card that sends, or a display that takes, levels as those of a television: 16 for black and 235 for white.
enum LimitedRange: Examination {
  static let declaration = Declaration(
    "panel.limitedRange", "levels that are squeezed into 16 to 235, or clipped below 16 and from 236 on")

  static let threshold =
    "any word of the kernel; the two highest levels equal, within three standard deviations and a sixth of the step below, as "
    + "half of what a curve does at its highest point; or phases that rest at both ends of the levels and rise beside them"

  static func findings(in patient: Patient) -> [Diagnosis] {
    let told = patient.effects("limitedRange", advice: advice)
    return told.isEmpty ? clippedLight(patient) + clippedPhases(patient) : told
  }

  private static let advice =
    "set the panel to full range (RGB 0–255, PC levels) in its menu, or the mode to one that is no television's; see Broadcast "
    + "RGB in the guide of the driver drm"

  /// A level that is clipped is as bright as the highest, though the one below it is not.
  private static func clippedLight(_ patient: Patient) -> [Diagnosis] {
    let others = [SaturatedCamera.self, DarkCamera.self] as [any Examination.Type]
    guard let levels = patient.highLevels, others.allSatisfy({ $0.findings(in: patient).isEmpty }) else { return [] }
    let (white, clipped, below) = (patient.white, levels.clipped, levels.below)
    let error = [white, clipped, below].map { $0.deviation / Double(max(1, $0.count)).squareRoot() }
    let (last, former) = (white.mean - clipped.mean, clipped.mean - below.mean)
    let uncertain = (error[0] * error[0] + error[1] * error[1]).squareRoot()
    // At the top of a sine squared, half as far below is a quarter of the fall: a third of the step before.
    guard white.count > 1, former > 5 * (error[1] * error[1] + error[2] * error[2]).squareRoot(),
      last < 3 * uncertain, last < former / 6
    else { return [] }
    return [
      Diagnosis(
        last / patient.light,
        "level \(Patient.HighLevels.clipped) of the input's panel is as bright as the highest, within \(percent(uncertain / patient.light)), "
          + "though level \(Patient.HighLevels.below) has \(percent(former / patient.light)) less light",
        advice: advice)
    ]
  }

  /// Of the measured response: nothing happens over the first and the last 16 levels, and beside them as much as in the middle.
  private static func clippedPhases(_ patient: Patient) -> [Diagnosis] {
    guard let response = patient.response, response.levels > 250, response.measured.count > 32 else { return [] }
    let steps = 16
    let rises = (0..<steps).map { step in
      let (from, to) = (place(step, of: response), place(step + 1, of: response))
      return response.measured[to] - response.measured[from]
    }
    let middle = rises[4..<12].reduce(0, +) / 8
    // What rests shows at most a quarter of the usual rise, what rises at least half.
    let (rest, rise) = (abs(middle) / 4, abs(middle) / 2)
    guard 6 * .pi * response.error < abs(middle) / 4, abs(rises[0]) < rest, abs(rises[15]) < rest,
      abs(rises[1]) > rise, abs(rises[14]) > rise
    else { return [] }
    return [
      Diagnosis(
        (rises[0] + rises[15]) / (2 * .pi), unit: "turns",
        "the first and the last 16 levels of the layers' panel change its phase by "
          + "\(number((rises[0] + rises[15]) / (2 * .pi), significant: 2)) of a turn only",
        advice: advice)
    ]
  }

  private static func place(_ step: Int, of response: Patient.Response) -> Int {
    step * (response.measured.count - 1) / 16
  }
}
