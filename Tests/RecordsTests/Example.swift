import BenchAPI
import Foundation
import Records

/// Records for the tests.
enum Example {
  static let date = Date(timeIntervalSince1970: 1_700_000_000)

  static func calibration(_ id: String, bench: String) -> CalibrationRecord {
    CalibrationRecord(
      id: id, date: date, benchHash: bench,
      parameters: [.init(name: "tip", unit: "rad", value: 1e-3, standardDeviation: .infinity)],
      discrepancyBefore: 0.5, discrepancyAfter: 0.01, run: "0001-calibrate", software: "odu 1.0")
  }

  static func model(_ id: String) -> ModelSummary {
    ModelSummary(
      id: id, date: date, run: id, mode: "online", dataset: "glyphs", error: 0.25, frames: 1000, seed: .max,
      calibration: "0001", software: "odu 1.0")
  }

  static func job(_ number: Int, state: JobState = .succeeded, created: Date = date) -> IndexedJob {
    var summary = JobSummary(
      id: "\(number < 1000 ? String(repeating: "0", count: 4 - "\(number)".count) : "")\(number)-train", kind: "train",
      parameters: .object(["größe": .number(0.5)]), created: created)
    summary.state = state
    summary.artefacts = ["model.odu"]
    return IndexedJob(summary, result: state == .succeeded ? .object(["loss": .array([.integer(number)])]) : nil)
  }
}
