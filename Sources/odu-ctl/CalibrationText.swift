import BenchAPI
import Foundation
import ReadableNumbers

/// What a calibration found, for people.
struct CalibrationText {
  var result: CalibrateResult
  /// Seconds that it took; nil when that is not known.
  var time: Double?

  var text: String {
    let own = [values, verdict, remarks].filter { !$0.isEmpty }.joined(separator: "\n\n")
    let results = (result.earlier ?? []).map { CalibrationText(result: $0).text } + [own]
    let names = ((result.earlier ?? []) + [result]).map(\.routine)
    return zip(names, results).map { name, text in name.map { "\($0)\n\(text)" } ?? text }.joined(separator: "\n\n")
  }

  /// What the fit says of the twin, what was left alone, and what the frames hardly tell apart.
  private var remarks: String {
    var lines = [result.verdict?.words].compactMap(\.self)
    if let untouched = result.untouched, !untouched.isEmpty {
      lines.append(
        "Left unchanged, since freeing them improves the held-out frames by less than a fifth: "
          + untouched.joined(separator: ", "))
    }
    if let weaknesses = result.weaknesses, !weaknesses.isEmpty {
      lines.append("What the frames do not tell, or hardly tell apart:")
      lines += weaknesses.map { "  " + $0 }
    }
    return lines.joined(separator: "\n")
  }

  private var values: String {
    table(
      ["PARAMETER", "START", "VALUE", "", "SD", "UNIT"],
      result.parameters.map { parameter in
        [
          parameter.name, parameter.start.map(short) ?? "", short(parameter.value), "±",
          number(parameter.standardDeviation, significant: 2), parameter.unit,
        ]
      }, empty: "no parameter was free")
  }

  private var verdict: String {
    let took = time.map { ", in \(duration($0))" } ?? ""
    let discrepancies = zip([result.before].compactMap(\.self), [result.after].compactMap(\.self)).map {
      before, after in
      [
        "discrepancy", "\(short(before.pearson)) before, \(short(after.pearson)) after",
        "(1 - Pearson, on \(result.heldOut) frames that the fit did not see)",
      ]
    }
    return columns(
      discrepancies + [
        ["frames", "\(result.frames) taken, \(result.fitted) fitted", "\(result.iterations) steps\(took)"]
      ])
  }

  private func short(_ value: Double) -> String { number(value, significant: 5) }
}
