import BenchAPI
import Foundation
import ReadableNumbers

/// A calibration of all of a bench, for people: what is to run, and what came of it.
enum FullCalibrationText {
  static func text(_ plan: CalibrationPlanResponse) -> String {
    let rows = plan.steps.map { step in
      [
        step.routine, step.runs ? "runs" : "", words(step.state.rawValue), step.calibration ?? "",
        step.age.map(duration) ?? "", step.took.map(duration) ?? "", step.reason ?? "",
      ]
    }
    let steps = table(["ROUTINE", "", "STATE", "ID", "AGE", "TOOK", "WHY"], rows, empty: "there are no routines")
    return [plan.problem, steps].compactMap(\.self).joined(separator: "\n\n")
  }

  static func text(_ report: FullCalibration.Report) -> String {
    let found = report.routines.flatMap(values)
    let standings = table(
      ["ROUTINE", "STATE", "WHAT IT MEANS"], report.routines.map { [$0.routine, standing($0), meaning($0)] },
      empty: "there are no routines")
    let numbers = found.isEmpty ? nil : table(["ROUTINE", "FOUND", "VALUE", "", "SD", "UNIT"], found, empty: "")
    return [report.problem, numbers, standings].compactMap(\.self).joined(separator: "\n\n")
  }

  /// How many values of a routine are shown.
  private static let shown = 3

  /// The first values that a routine found, with how sure they are.
  private static func values(_ outcome: FullCalibration.Outcome) -> [[String]] {
    guard let parameters = outcome.result?.parameters, !parameters.isEmpty else { return [] }
    let rows = parameters.prefix(shown).map { parameter in
      [
        "", parameter.name, number(parameter.value, significant: 5), "±",
        number(parameter.standardDeviation, significant: 2), parameter.unit,
      ]
    }
    let more = parameters.count - rows.count
    let rest = more > 0 ? [["", "\(more) more: odu-ctl cal show \(outcome.calibration ?? "")"]] : []
    var all = rows + rest
    all[0][0] = outcome.routine
    return all
  }

  private static func standing(_ outcome: FullCalibration.Outcome) -> String {
    switch outcome.state {
    case .found: "found" + (outcome.took.map { " in \(duration($0))" } ?? "")
    case .failed: "failed"
    case .inForce: "in force" + (outcome.age.map { " for \(duration($0))" } ?? "")
    case .covered: "not needed"
    case .lacks: "not run"
    case .notApplicable: "not applicable"
    }
  }

  private static func meaning(_ outcome: FullCalibration.Outcome) -> String {
    if let result = outcome.result { return result.meaning ?? "\(result.frames) frames were taken" }
    return outcome.reason ?? ""
  }
}
