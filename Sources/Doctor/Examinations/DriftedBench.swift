import BenchAPI
import Catalogues
import ReadableNumbers

enum DriftedBench: Examination {
  static let declaration = Declaration(
    "bench.drifted",
    "a bench that has moved away from its twin since the calibration, where the bench file has it watched")

  static let threshold =
    "the factor that the bench file has for it (`drift.threshold`)"

  static func findings(in patient: Patient) -> [Diagnosis] {
    guard let drift = patient.drift, drift.drifted, let last = drift.readings.last else { return [] }
    return [
      Diagnosis(
        last.ratio,
        "the discrepancy between twin and bench is \(brief(last.discrepancy)), \(brief(last.ratio)) times that of the start",
        advice: last.group.map { "odu-ctl calibrate refinement --free \($0)" }
          ?? "odu-ctl calibrate twin; no single group of parameters is known to explain it")
    ]
  }
}
