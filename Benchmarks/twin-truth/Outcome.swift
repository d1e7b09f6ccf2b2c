import Foundation
import Twin

/// How far one fit is from the truth.
struct Outcome {
  struct Entry {
    var name: String
    var value: Double
    var truth: Double
    var deviation: Double
    var error: Double { value - truth }
    var score: Double { error / deviation }
  }

  let seed: UInt64
  let report: FitReport
  let entries: [Entry]
  let discrepancyAtTruth: Double
  /// Processor time of the fit.
  let seconds: Double
  /// The parameter that two searches from different starts leave farthest apart, in standard deviations; nil for one search.
  let apart: (name: String, deviations: Double)?

  init(_ plant: Plant, seed: UInt64, _ row: Row, threads: Int) throws {
    self.seed = seed
    let names = row.isFew ? Plant.few : plant.file.parameters.free.map(\.name)
    func fit(from start: TwinParameters) throws -> FitReport {
      var options = FitOptions()
      options.refusesSingular = false
      options.believed = plant.believed
      options.considered = plant.considered
      let twin = try Twin<Double>(plant.file.twin, parameters: start, threads: threads)
      return try twin.fit(plant.data, free: names, options: options)
    }
    let began = Self.processorSeconds()
    let report = try fit(from: plant.believed)
    seconds = Self.processorSeconds() - began
    self.report = report
    entries = report.entries.compactMap { entry in
      plant.truth[entry.name].map {
        Entry(name: entry.name, value: entry.value, truth: $0, deviation: entry.standardDeviation)
      }
    }
    discrepancyAtTruth = try plant.discrepancyAtTruth(threads: threads)
    apart =
      try row.isTwice
      ? zip(report.entries, fit(from: plant.otherStart()).entries)
        .map { ($0.name, ($1.value - $0.value) / $0.standardDeviation) }.max { abs($0.1) < abs($1.1) }
      : nil
  }

  var within: Int { entries.count { abs($0.score) <= 2 } }
  var worst: Entry? { entries.max { abs($0.score) < abs($1.score) } }
  var worstAngle: Entry? { angles.max { abs($0.error) < abs($1.error) } }
  var rootMeanSquare: Double {
    (entries.reduce(0) { $0 + $1.score * $1.score } / Double(entries.count)).squareRoot()
  }
  private var angles: [Entry] {
    ["mirrorTiltX", "mirrorTiltY", "beamTiltX", "beamTiltY"].compactMap { name in entries.first { $0.name == name } }
  }

  static let heading =
    "seed  D before   D after (truth)  noise  within 2 sd    rms z  median  worst                        angles mx my bx by, urad (sd)"

  var line: String {
    let scores = entries.map { abs($0.score) }.sorted()
    let angles = angles.map { String(format: "%.0f (%.0f)", 1e6 * $0.error, 1e6 * $0.deviation) }
    var line = String(
      format:
        "%4d  %.4f  %.5f (%.5f)  %7.2f  %3d/%d = %3.0f %%  %6.2f  %6.2f  %@ %.1f  %@  gap %.1f um  %.0f s  %@, %d left, %d searches",
      Int(seed), report.before.pearson, report.after.pearson, discrepancyAtTruth, report.noiseRatio ?? .nan, within,
      entries.count, 100 * Double(within) / Double(entries.count), rootMeanSquare, scores[scores.count / 2],
      worst?.name ?? "", worst?.score ?? 0, angles.joined(separator: "  "),
      1e6 * (entries.first { $0.name == "mirrorGap" }?.error ?? .nan), seconds, report.verdict.modelClass.rawValue,
      report.untouched.count, report.attempts)
    if let apart { line += String(format: ", starts apart: %@ %.2f sd", apart.name, apart.deviations) }
    return line
  }

  var table: String {
    entries.map {
      String(
        format: "      %@ %12.5g  true %12.5g  error %10.3g  sd %10.3g  z %7.2f",
        $0.name.padding(toLength: 22, withPad: " ", startingAt: 0), $0.value, $0.truth, $0.error, $0.deviation, $0.score
      )
    }.joined(separator: "\n")
  }

  /// Of this process, which other work on the machine does not change much.
  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
