import Foundation
import Twin

/// How far one fit is from the truth.
struct Outcome {
  struct Row {
    var name: String
    var error: Double
    var deviation: Double
    var value: Double
    var truth: Double
    var score: Double { error / deviation }
  }

  let report: FitReport
  let rows: [Row]
  /// Processor time of the fit.
  let seconds: Double

  init(_ report: FitReport, _ plant: Plant, seconds: Double) {
    self.report = report
    self.seconds = seconds
    rows = report.entries.compactMap { entry in
      guard let truth = plant.truth[entry.name] else { return nil }
      return Row(
        name: entry.name, error: entry.value - truth, deviation: entry.standardDeviation, value: entry.value,
        truth: truth)
    }
  }

  var within: Int { rows.count { abs($0.score) <= 2 } }

  static let heading =
    "seed  D before   D after    noise  within 2 sd    rms z  median  worst                        angles mx my bx by, urad (sd)"

  func line(seed: UInt64) -> String {
    let scores = rows.map { abs($0.score) }.sorted()
    let root = (scores.reduce(0) { $0 + $1 * $1 } / Double(scores.count)).squareRoot()
    let worst = rows.max { abs($0.score) < abs($1.score) }
    let angles = ["mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"].compactMap { name in
      rows.first { $0.name == name }.map { String(format: "%.0f (%.0f)", 1e6 * $0.error, 1e6 * $0.deviation) }
    }
    let noise = report.noiseFloor.map { report.residualAfter / $0 } ?? .nan
    return String(
      format:
        "%4d  %.4f  %.6f  %7.2f  %3d/%d = %3.0f %%  %6.2f  %6.2f  %@ %.1f  %@  gap %.1f um  %.0f s  %@, %d left, %d searches",
      Int(seed),
      report.before.pearson, report.after.pearson, noise, within, rows.count,
      100 * Double(within) / Double(rows.count), root, scores[scores.count / 2], worst?.name ?? "", worst?.score ?? 0,
      angles.joined(separator: "  "), 1e6 * (rows.first { $0.name == "mirrorGap" }?.error ?? .nan), seconds,
      report.verdict.modelClass.rawValue, report.untouched.count,
      report.attempts)
  }

  var table: String {
    rows.map {
      String(
        format: "      %@ %12.5g  true %12.5g  error %10.3g  sd %10.3g  z %7.2f",
        $0.name.padding(toLength: 22, withPad: " ", startingAt: 0), $0.value, $0.truth, $0.error, $0.deviation, $0.score
      )
    }.joined(separator: "\n")
  }

  /// Of this process, which other work on the machine does not change much.
  static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
